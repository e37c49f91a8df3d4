import type { Cancellable, Exchange } from './exchange.js'
import type { GatewayError } from './gateway-error.js'
import type { Pool } from './pool.js'

/** A request of the gateway's own to a pool, on behalf of a request that it has been sent. */
export interface PoolCall {
  /** Of the snapshot that the exchange runs on. */
  readonly pool: Pool
  readonly method: string
  /** The path with its query; the endpoint's base path comes before it. */
  readonly path: string
  /** Host; `''`, the default, is the endpoint's. */
  readonly host?: string
  /** `[name, value, …]`. Host, the request id and framing are added. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
  /** For the whole call, in milliseconds from 1. The pool's own time limits hold as well. */
  readonly timeoutMs: number
  /** Most bytes of the response's body; beyond, the call fails. */
  readonly maxBytes: number
}

/** A response to a {@link PoolCall}, whole. */
export interface PoolResponse {
  readonly status: number
  /** `[name, value, …]`: names in lower case, without hop-by-hop fields; a repeated field's values in an array. */
  readonly headers: readonly (string | string[])[]
  readonly body: Buffer
}

/**
 * Sends a {@link PoolCall}: an endpoint is picked and watched as for forwarded requests, by breakers, health and balancing.
 * `done` is called once, maybe at once: with the response, or why there is none. It is not called any more once
 * `clientGone` of what is returned has been called.
 */
export type CallPool = (
  exchange: Exchange,
  call: PoolCall,
  done: (error: GatewayError | null, response: PoolResponse | null) => void
) => Cancellable
