import type { Exchange, ExchangeObserver } from '@gatewright/core'
import type { DestinationStream } from 'pino'
import type { LogSink, ServerOptions } from './server-schema.js'

/** The fields of an access-log line. Times in milliseconds; absent is `null`. */
export interface AccessLogLine {
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
  readonly reason: string | null
  readonly detail?: string
  readonly client: string
  readonly bytes_received: number
  readonly bytes_sent: number
}

/** The line of an exchange that is over. Pure. */
export function lineOf(exchange: Exchange): AccessLogLine {
  const { attempts, detail, ingress } = exchange
  const last = attempts.at(-1)
  return {
    request_id: exchange.id,
    method: exchange.method,
    path: clipped(exchange.path),
    host: ingress.host,
    route: exchange.route?.id ?? null,
    pool: exchange.pool?.id ?? null,
    endpoint: last?.endpoint.url ?? null,
    status: exchange.status,
    duration_ms: round(exchange.endedAt - exchange.startedAt),
    upstream_duration_ms:
      last === undefined ? null : round((last.endedAt || exchange.endedAt) - last.startedAt),
    retries: Math.max(0, attempts.length - 1),
    reason: exchange.reason,
    ...(detail === '' ? {} : { detail: tamed(detail) }),
    client: ingress.client,
    bytes_received: exchange.bytesReceived,
    bytes_sent: exchange.bytesSent
  }
}

const LONGEST = 2_048
// What steers a terminal or a viewer: controls, line separators, changes of direction.
const STEERING = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

// It may quote what a client or an upstream has sent.
function tamed(detail: string): string {
  return clipped(detail).replace(STEERING, '\ufffd')
}

/** The observer that writes the log, or `null` when there is none. Loads pino only when it is used. */
export async function createAccessLog(
  options: ServerOptions['accessLog'] = true
): Promise<ExchangeObserver | null> {
  if (options === false) return null
  const { format = 'json', destination = process.stdout as LogSink } = options === true ? {} : options
  if (format === 'pretty') {
    const colour = (destination as { isTTY?: boolean }).isTTY === true
    return { closed: (exchange) => void destination.write(prettyLine(lineOf(exchange), colour)) }
  }
  const { pino } = await import('pino')
  const log = pino(
    {
      base: null,
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) }
    },
    destination as DestinationStream
  )
  return { closed: (exchange) => log.info(lineOf(exchange)) }
}

/** One line for people: status, method and path, where it went, how long it took, and why it failed. */
export function prettyLine(line: AccessLogLine, colour: boolean): string {
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const tone = line.status >= 500 ? 31 : line.status >= 400 ? 33 : line.status >= 300 ? 36 : 32
  const why = line.reason === null ? '' : ` ${paint(31, line.reason)}`
  const time = `${line.duration_ms.toFixed(1)} ms`
  return `  ${paint(tone, String(line.status))} ${line.method.padEnd(5)} ${clean(line.path)} ${paint(2, '→')} ${line.endpoint ?? '-'} ${paint(2, time)}${why}\n`
}

// The path is canonical and holds no control characters; the method is a token. The rest is ours.
function clean(path: string): string {
  return path.length > 80 ? `${path.slice(0, 79)}…` : path
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
