import type { AttemptRecord, BreakerKind, CacheResult, Exchange, Reason } from '@gatewright/core'
import { connectMs, decisive, firstByteMs, microseconds, type Phases, phasesOf, queueMs } from './phases.js'
import { redactedQuery } from './query.js'
import type { LineSettings } from './settings.js'

/** One attempt in an access-log line. */
export interface AttemptLine extends Phases {
  readonly endpoint: string
  /** The upstream's status; `null` when no answer came. */
  readonly status: number | null
  readonly failure: Reason | null
}

/** The fields of an access-log line, in their order. Times in milliseconds; absent is `null`. */
export interface AccessLogLine {
  readonly level: 'info'
  readonly timestamp: string
  readonly request_id: string
  readonly method: string
  readonly path: string
  readonly host: string
  readonly route: string | null
  readonly pool: string | null
  readonly endpoint: string | null
  readonly status: number
  readonly duration_ms: number
  readonly upstream_duration_ms: number | null
  readonly retries: number
  readonly cache: CacheResult | null
  readonly breaker_state: BreakerKind | null
  readonly canary_variant: string | null
  readonly reason: Reason | null
  readonly detail?: string
  readonly attempts: readonly AttemptLine[] | null
  readonly queue_ms: number | null
  readonly connect_ms: number | null
  readonly first_byte_ms: number | null
  readonly client: string
  readonly bytes_received: number
  readonly bytes_sent: number
  readonly trace_id: string | null
  readonly observed: readonly Reason[] | null
  readonly fallback: Reason | null
  readonly query?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** What a line is made from. */
export interface LineSource {
  readonly exchange: Exchange
  /** The attempt whose outcome is the exchange's. */
  readonly last: AttemptRecord | null
  readonly timestamp: string
  readonly settings: LineSettings
}

type Readers = {
  readonly [Name in keyof AccessLogLine]-?: (source: LineSource) => AccessLogLine[Name] | undefined
}

/** How each field is read, in the order of the line. `undefined` leaves the field out. Values are as they came. */
export const READERS: Readers = {
  level: () => 'info',
  timestamp: ({ timestamp }) => timestamp,
  request_id: ({ exchange }) => exchange.id,
  method: ({ exchange }) => exchange.method,
  path: ({ exchange }) => exchange.path,
  host: ({ exchange }) => exchange.ingress.host,
  route: ({ exchange }) => exchange.route?.id ?? null,
  pool: ({ exchange }) => exchange.pool?.id ?? null,
  endpoint: ({ last }) => last?.endpoint.name ?? null,
  status: ({ exchange }) => exchange.status,
  duration_ms: ({ exchange }) => microseconds(exchange.endedAt - exchange.startedAt),
  upstream_duration_ms: ({ exchange, last }) =>
    last === null ? null : microseconds((last.endedAt || exchange.endedAt) - last.startedAt),
  retries: ({ exchange }) => Math.max(0, exchange.attempts.length - 1),
  cache: ({ exchange }) => exchange.cache,
  breaker_state: ({ exchange }) => exchange.breakerState,
  canary_variant: ({ exchange }) => exchange.variant,
  reason: ({ exchange }) => exchange.reason,
  detail: ({ exchange }) => (exchange.detail === '' ? undefined : exchange.detail),
  attempts: ({ exchange }) => attemptLines(exchange),
  queue_ms: ({ exchange, last }) => (last === null ? null : queueMs(last, exchange.endedAt)),
  connect_ms: ({ exchange, last }) => (last === null ? null : connectMs(last, exchange.endedAt)),
  first_byte_ms: ({ last }) => (last === null ? null : firstByteMs(last)),
  client: ({ exchange }) => exchange.ingress.client,
  bytes_received: ({ exchange }) => exchange.bytesReceived,
  bytes_sent: ({ exchange }) => exchange.bytesSent,
  trace_id: ({ exchange }) => (exchange.traceId === '' ? null : exchange.traceId),
  observed: ({ exchange }) => exchange.observed,
  fallback: ({ exchange }) => exchange.fallback,
  query: ({ exchange, settings }) => queryLine(exchange, settings),
  headers: ({ exchange, settings }) => headersLine(exchange, settings)
}

/** The names of all fields, in the order of the line. */
export const ACCESS_LOG_FIELDS: readonly (keyof AccessLogLine)[] = Object.keys(
  READERS
) as (keyof AccessLogLine)[]

/** What {@link READERS} read. */
export function sourceOf(exchange: Exchange, settings: LineSettings, timestamp: string): LineSource {
  return { exchange, last: decisive(exchange.attempts), timestamp, settings }
}

// One attempt that went well says nothing that the line does not.
function attemptLines({ attempts, endedAt }: Exchange): readonly AttemptLine[] | null {
  const [first] = attempts
  if (first === undefined || (attempts.length === 1 && first.failure === null)) return null
  return attempts.map((attempt) => ({
    endpoint: attempt.endpoint.name,
    status: attempt.status === 0 ? null : attempt.status,
    failure: attempt.failure,
    ...phasesOf(attempt, endedAt)
  }))
}

function queryLine({ query }: Exchange, settings: LineSettings): string | null | undefined {
  if (!settings.query) return undefined
  return query === '' ? null : redactedQuery(query, settings.secretKeys)
}

function headersLine({ headers }: Exchange, settings: LineSettings): Record<string, string> | undefined {
  if (settings.headers.length === 0) return undefined
  const found: Record<string, string> = {}
  for (const name of settings.headers) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (value !== undefined)
      found[name] = settings.secretHeaders.has(name) ? '***' : [value].flat().join(', ')
  }
  return found
}
