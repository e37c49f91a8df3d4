import type { Readable } from 'node:stream'
import type { Endpoint } from '../model/endpoint.js'
import type { PoolSettings } from '../model/settings.js'

/** A request as it is handed to a connection. */
export interface UpstreamRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** `[name, value, …]` */
  readonly headers: readonly string[]
  readonly body: Readable | Buffer | null
  /** Whether the connection is to be closed after the response. */
  last: boolean
}

/**
 * What a connection reports the response to a request to. First `sending`, once the connection is made; then, for every
 * message that arrives, `began` and what it is: any number of `interim`, at last `head`, `data` and `end`. `failed` takes
 * the place of all that is still to come; nothing follows it, or `end`.
 *
 * What cannot be relayed is thrown, by `interim`, `passedOver`, `head` and `data`: the connection then breaks off, and calls
 * `failed` with that error.
 */
export interface ResponseReceiver {
  /** The first byte of the request is about to be sent. */
  sending(): void
  /** The first byte of a response has arrived, interim or not. */
  began(): void
  /** An interim response (1xx) has arrived. `fields` as in `head`. */
  interim(status: number, fields: readonly Buffer[], statusText: string): void
  /** An interim response of so many bytes has arrived that is not relayed, as it was not requested. */
  passedOver(bytes: number): void
  /**
   * The head of the response has arrived. `fields` are its lines as they came, `[name, value, …]`. Returns whether only
   * the end of the connection ends the body: it is then to be complete only if the connection was closed, not reset.
   */
  head(status: number, fields: readonly Buffer[], statusText: string): boolean
  /** A chunk of the body. False: no more until {@link UpstreamConnection.resume}. */
  data(chunk: Buffer): boolean
  /** The response is complete. `trailers` as `fields` in `head`; `reusable`: whether the connection may be used again. */
  end(trailers: readonly Buffer[], reusable: boolean): void
  /** There is no response, or no more of it. */
  failed(error: Error): void
}

/**
 * A connection to an endpoint, made when it is first used, and anew when it was lost. It carries one request at a time: where
 * a protocol carries several, each is one of them.
 */
export interface UpstreamConnection {
  /** Sends a request. May call `failed` at once. */
  begin(request: UpstreamRequest, receiver: ResponseReceiver): void
  /** The receiver takes more of the body. */
  resume(): void
  /** Breaks off the request that is being sent or answered: `failed` follows, at once or later. None before `sending`. */
  abort(): void
  /** Closes the connection, also while it is being made. */
  destroy(): Promise<void>
}

/** Makes a connection to an endpoint. It calls `lost` whenever it has ended, used or not, with the error if there was one. */
export type TransportFactory = (
  endpoint: Endpoint,
  settings: PoolSettings,
  lost: (error?: unknown) => void
) => UpstreamConnection
