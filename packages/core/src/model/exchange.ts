import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { parse as parseJson } from 'secure-json-parse'
import { InvalidValueError } from '../config/errors.js'
import type { Reason } from '../config/reason.js'
import { bodySource } from './body-source.js'
import { GatewayError } from './gateway-error.js'
import type { Identity } from './identity.js'
import type { Ingress } from './ingress-facts.js'
import type { AttemptRecord } from './outcome.js'
import type { Pool } from './pool.js'
import { readBody } from './read-body.js'
import type { Params, Route } from './route.js'
import type { Snapshot } from './snapshot.js'

/** Work for a client that may leave. */
export interface Cancellable {
  /** The client has disconnected or has its response: stop all work at once. */
  clientGone(): void
}

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
  /** The query that the upstream gets in place of the client's, with its `?`; `''` for none, `null` for the client's. */
  upstreamQuery: string | null = null
  /** The matched route; `null` when none matched. */
  route: Route | null = null
  /** The pool the request goes to; a hook may set another before the handler runs. */
  pool: Pool | null = null
  /** The pool whose limits have let it in. Another one is asked again before it is sent there. */
  admittedTo: Pool | null = null
  params: Params | null = null
  /** The attempt whose response the client gets; `null` before there is one, and for responses of the gateway's own. Set by the forwarder. */
  answeredBy: AttemptRecord | null = null
  /** The method that a CORS preflight asks for, where its route answers it; `''` for any other request. */
  preflightMethod: string = ''
  /** The authenticated identity; `null` if there is none or authentication has not run. */
  identity: Identity | null = null
  /** Every attempt, in order; empty until the first one begins. */
  readonly attempts: AttemptRecord[] = []
  /** The id of the trace it belongs to, as 32 hexadecimal digits; `''` when it is not traced. */
  traceId = ''
  /** Whether that trace is recorded. */
  traceSampled = false
  /** Why the gateway itself answered, or `null` while nothing went wrong. */
  reason: Reason | null = null
  /** For the log: what lies behind `reason` or `fallback`. */
  detail: string = ''
  /** The status sent to the client; 499 when it left before one was sent; 0 before that. */
  status = 0
  /** Whether a hook or handler of the app's own has thrown what only its own error handler can answer. */
  thrown = false
  /** Whether the response was written to its end. */
  complete = false
  /** Body bytes received from the client and forwarded, or read by a hook. */
  bytesReceived = 0
  /** Body bytes sent to the client. */
  bytesSent = 0
  /** The trailer fields of the response that the client got, names and values in turn; `null` for none. */
  trailers: readonly Buffer[] | null = null
  /** When it was over; 0 while it runs. */
  endedAt = 0
  /** The deadline of the whole exchange, in milliseconds of the gateway's clock; 0 for none. */
  deadlineAt = 0
  /** What a `preParsing` hook has put in the place of the request's body; `null` for none. */
  payload: Readable | null = null
  /** The body, when a hook asked to have it whole (`exchange.buffer`). Sent instead of the stream. */
  body: Buffer | null = null
  /** When the last byte of the body had come, in milliseconds of the gateway's clock; 0 before. Set by the forwarder. */
  bodyEndedAt = 0
  /** Whether the received body is buffered, so that it can be sent again. Set by the forwarder. */
  bodyKept = false
  /**
   * What policies in `mode: 'observe'` would have done: their reasons, in order. `null` for nothing. The request
   * itself was let through.
   */
  observed: Reason[] | null = null
  /** How often the retry policy has had it tried again; hedges and the fallback are not counted. */
  retries = 0
  /** Whether the attempt that is about to begin is a hedge. */
  hedging = false
  /** The reason for which the route's `fallback` answered; `null` when it did not. */
  fallback: Reason | null = null
  /**
   * Set-Cookie lines that the attempt which is about to begin adds to its response; `null` for none. Set by a balancing policy
   * in `pick`, then taken by the attempt: the client gets those of the attempt whose response it gets, and no others.
   */
  attemptCookies: string[] | null = null
  /** Set-Cookie lines the gateway itself adds to the response, whichever attempt it is; null for none. */
  setCookies: string[] | null = null
  /** Cancelled if the client disconnects before its response is complete. Set by the forwarder. */
  inProgress: Cancellable | null = null
  /** The method that upstreams are sent. A step or hook may set another before the handler runs; retries go by it. */
  upstreamMethod: string
  /** Headers the gateway adds for the upstream, by lower-case name, or drops (`null`); see {@link forwardHeader}. */
  upstreamHeaders: Map<string, string | null> | null = null

  #slots: unknown[] | null = null
  #buffering: Promise<Buffer> | null = null

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
    this.upstreamMethod = this.method
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

  /** Whether the request can be sent a second time: it has no body, or what came of it is kept. */
  get replayable(): boolean {
    return this.body !== null || this.bodyKept || !this.ingress.hasBody
  }

  /** What a plugin keeps for this exchange, in a slot of its own; see `gateway.claimSlot`. `undefined` before. */
  slot(index: number): unknown {
    return this.#slots?.[index]
  }

  /** Keeps something in a slot. */
  setSlot(index: number, value: unknown): void {
    this.#slots ??= new Array(FEW_SLOTS)
    this.#slots[index] = value
  }

  /** Notes what a policy in `mode: 'observe'` would have answered. */
  observe(reason: Reason): void {
    this.observed ??= []
    this.observed.push(reason)
  }

  /**
   * Sets a header of the request sent upstream, such as the identity an authentication hook has found. The
   * client's own copies are dropped, whatever it lists in `Connection`. Throws GW_VALUE_INVALID for a name that
   * is no token, a value with control characters, and names that frame or route the message.
   */
  forwardHeader(name: string, value: string): void {
    const lower = name.toLowerCase()
    if (!TOKEN.test(name) || FRAMING.has(lower))
      throw new InvalidValueError(`header name '${name}'`, 'an end-to-end field name')
    if (UNSAFE_VALUE.test(value))
      throw new InvalidValueError(`header '${name}'`, 'without control characters')
    this.upstreamHeaders ??= new Map()
    this.upstreamHeaders.set(lower, value)
  }

  /** Keeps a header of the client's from the upstream. Throws GW_VALUE_INVALID as {@link forwardHeader} does. */
  dropHeader(name: string): void {
    const lower = name.toLowerCase()
    if (!TOKEN.test(name) || FRAMING.has(lower))
      throw new InvalidValueError(`header name '${name}'`, 'an end-to-end field name')
    this.upstreamHeaders ??= new Map()
    this.upstreamHeaders.set(lower, null)
  }

  /**
   * Reads the whole request body, which is then forwarded from memory, byte for byte. `maxBytes` from 1;
   * default 1 MiB; the route's `bodyLimit` holds as well. Rejects with `body_too_large` (413). Call it from a
   * `preHandler` hook or a handler.
   */
  async buffer(maxBytes: number = 1024 ** 2): Promise<Buffer> {
    if (this.body !== null) return this.body
    this.#buffering ??= this.#readWhole(maxBytes)
    const body = await this.#buffering
    this.body ??= body
    return this.body
  }

  async #readWhole(maxBytes: number): Promise<Buffer> {
    if (!this.ingress.hasBody) return Buffer.alloc(0)
    const most = Math.min(maxBytes, this.route?.bodyLimit || Number.POSITIVE_INFINITY)
    return await readBody(this.raw, most, bodySource(this), (bytes) => {
      this.bytesReceived = bytes
    })
  }

  /** The body as JSON, read with {@link buffer}. Rejects with `request_rejected` (400) when it is not JSON. */
  async json(maxBytes?: number): Promise<unknown> {
    const body = await this.buffer(maxBytes)
    try {
      return parseJson(body.toString('utf8'), { protoAction: 'error', constructorAction: 'error' })
    } catch (cause) {
      throw new GatewayError('request_rejected', { detail: 'the body is not JSON', cause })
    }
  }
}

declare module '../config/open-types.js' {
  interface OpenTypes {
    readonly exchange: Exchange
  }
}

/** Room for the plugins of this repository; the list grows for more. */
const FEW_SLOTS = 6

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
const UNSAFE_VALUE = /[^\t\x20-\x7e\x80-\xff]/
const FRAMING = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'expect'
])
