import type { Exchange } from '@gatewright/core'

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

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
