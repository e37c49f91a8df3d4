import { type AttemptRecord, type Exchange, type Reason, wireText } from '@gatewright/core'
import { decisive, type Phases, phasesOf } from './phases.js'
import { redactedQuery, redactedUrls } from './query.js'
import type { LineSettings } from './settings.js'

/** One attempt in an access-log line. */
export interface AttemptLine extends Phases {
  readonly endpoint: string
  /** The upstream's status; `null` when no response came. */
  readonly status: number | null
  readonly failure: Reason | null
  /** Whether it began beside another one. */
  readonly hedge: boolean
  /** Whether it was given up for something that says nothing of the endpoint: mostly, another one was faster. */
  readonly cancelled: boolean
  /** Whether it was sent twice, as the connection it went out on first was stale. */
  readonly reconnected: boolean
  /** Given up after so long that it counts as a fault of the endpoint; left out where it does not. */
  readonly overdue?: true
  /** How long the gateway itself stood still while the head was waited for; left out where it did not. */
  readonly stalled_ms?: number
}

/**
 * The fields of an access-log line, in their order. Times in milliseconds; absent is `null`. Other fields that features
 * have added stand before the query.
 */
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
  readonly cache: string | null
  readonly breaker_state: string | null
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

/** The names of all fields, in the order of the line. */
export const ACCESS_LOG_FIELDS = [
  'level',
  'timestamp',
  'request_id',
  'method',
  'path',
  'host',
  'route',
  'pool',
  'endpoint',
  'status',
  'duration_ms',
  'upstream_duration_ms',
  'retries',
  'cache',
  'breaker_state',
  'canary_variant',
  'reason',
  'detail',
  'attempts',
  'queue_ms',
  'connect_ms',
  'first_byte_ms',
  'client',
  'bytes_received',
  'bytes_sent',
  'trace_id',
  'observed',
  'fallback',
  'query',
  'headers'
] as const satisfies readonly (keyof AccessLogLine)[]

/** What a line of the log is made from. */
export function sourceOf(exchange: Exchange, settings: LineSettings, timestamp: string): LineSource {
  return { exchange, last: decisive(exchange.attempts), timestamp, settings }
}

/** Whether an attempt went well at once. */
export function isUneventful({ failure, reconnected }: AttemptRecord): boolean {
  return failure === null && !reconnected
}

/** The attempts; `null` for one that went well, which says nothing that the line does not. */
export function attemptLines({ attempts, endedAt }: Exchange): readonly AttemptLine[] | null {
  const [first] = attempts
  if (first === undefined || (attempts.length === 1 && isUneventful(first))) return null
  return attempts.map((attempt) => ({
    endpoint: attempt.endpoint.name,
    status: attempt.status === 0 ? null : attempt.status,
    failure: attempt.failure,
    hedge: attempt.hedge,
    cancelled: attempt.cancelled,
    reconnected: attempt.reconnected,
    ...phasesOf(attempt, endedAt),
    ...(attempt.overdue ? { overdue: true } : null),
    ...(attempt.stalledMs > 0 ? { stalled_ms: Math.round(attempt.stalledMs) } : null)
  }))
}

/** The query without its secrets, where it is asked for. */
export function queryLine({ query }: Exchange, settings: LineSettings): string | null | undefined {
  if (!settings.query) return undefined
  return query === '' ? null : redactedQuery(query, settings.secretKeys)
}

/** The headers that are asked for, without secrets. */
export function headersLine(
  { headers }: Exchange,
  settings: LineSettings
): Record<string, string> | undefined {
  if (settings.headers.length === 0) return undefined
  const found: Record<string, string> = {}
  for (const name of settings.headers) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (value !== undefined)
      found[name] = settings.secretHeaders.has(name)
        ? '***'
        : redactedUrls(wireText([value].flat().join(', ')), settings.secretKeys)
  }
  return found
}
