import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Ingress } from './ingress.js'
import type { AttemptRecord } from './outcome.js'
import type { Pool } from './pool.js'
import type { Reason } from './reason.js'
import type { Params, Route } from './route.js'
import type { Snapshot } from './snapshot.js'

/**
 * One client request on its way through the gateway: everything known about it, in one object of one shape.
 * Logs, metrics and spans read it and never work anything out again. `request.exchange` in hooks.
 */
export class Exchange {
  /** The request id: the client's when its peer is trusted, else made here. */
  readonly id: string
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  /** The configuration this exchange runs on, from beginning to end. */
  readonly snapshot: Snapshot
  /** When it was opened, in milliseconds of the gateway's clock. */
  readonly startedAt: number
  readonly method: string
  /** The canonical path, always with a leading slash and without the query. Router, logs and upstream see this one. */
  readonly path: string
  /** The query with its `?`, byte for byte as received; `''` for none. */
  readonly query: string
  /** What the header pass found: `host`, `authority`, the client's address, the headers to forward. */
  readonly ingress: Ingress
  /** The matched route; `null` when none matched. */
  route: Route | null = null
  /** The pool the request goes to; a hook may set another before the handler runs. */
  pool: Pool | null = null
  params: Params | null = null
  /** Every attempt, in order; empty until the first one begins. */
  readonly attempts: AttemptRecord[] = []
  /** Why the gateway itself answered, or `null` while nothing went wrong. */
  reason: Reason | null = null
  /** For the log: what lies behind `reason`. */
  detail: string = ''
  /** The status sent to the client; 499 when it left before one was sent; 0 before that. */
  status = 0
  /** Body bytes received from the client and forwarded. */
  bytesReceived = 0
  /** Body bytes sent to the client. */
  bytesSent = 0
  /** When it was over; 0 while it runs. */
  endedAt = 0
  /** When the whole exchange must be over, in milliseconds of the gateway's clock; 0 for never. */
  deadlineAt = 0
  /** The body, when a hook asked to have it whole (`exchange.buffer`). Sent instead of the stream. */
  body: Buffer | null = null
  /** Called once, when the client leaves before its answer is complete. Set by the forwarder. */
  onClientGone: (() => void) | null = null

  constructor(
    id: string,
    raw: IncomingMessage,
    response: ServerResponse,
    snapshot: Snapshot,
    startedAt: number,
    path: string,
    query: string,
    ingress: Ingress
  ) {
    this.id = id
    this.raw = raw
    this.response = response
    this.snapshot = snapshot
    this.startedAt = startedAt
    this.method = raw.method as string
    this.path = path
    this.query = query
    this.ingress = ingress
  }

  /** The host for matching; see `ingress.host`. */
  get host(): string {
    return this.ingress.host
  }

  /** Request headers as Node parsed them, names in lower case. */
  get headers(): IncomingHttpHeaders {
    return this.raw.headers
  }

  /** Whether the request can be sent a second time: it has no body, or the body was buffered whole. */
  get replayable(): boolean {
    return this.body !== null || !this.ingress.hasBody
  }
}
