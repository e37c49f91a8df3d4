import type { Endpoint } from '../model/endpoint.js'
import type { PoolSettings } from '../model/settings.js'

/** A request as the forwarder hands it to a connection. */
export interface TransportRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** `[name, value, …]` */
  readonly headers: readonly string[]
  readonly body: unknown
}

/** What a connection reports to; the same calls, in the same order, as undici's dispatch makes. */
export interface TransportHandler {
  onConnect(abort: (error?: Error) => void): void
  onResponseStarted?(): void
  /** False: no body until `resume`. */
  onHeaders(status: number, headers: Buffer[], resume: () => void, statusText: string): boolean
  /** False: no more until `resume`. */
  onData(chunk: Buffer): boolean
  onComplete(trailers: string[] | null): void
  onError(error: Error): void
}

/** One connection, made when it is first used; it carries one request at a time. */
export interface TransportConnection {
  dispatch(request: TransportRequest, handler: TransportHandler): unknown
  destroy(): Promise<void>
}

/** Makes a connection to an endpoint. */
export type TransportFactory = (endpoint: Endpoint, settings: PoolSettings) => TransportConnection
