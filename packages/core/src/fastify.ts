import type { Exchange } from './exchange.js'
import type { Gateway } from './kernel.js'
import type { NativeRouteConfig } from './schema.js'

/**
 * Tells the compiler which pools an app has, so that a native route's `pool: 'usrs'` is a compile error:
 * `declare module '@gatewright/core' { interface Register { pools: 'users' | 'orders' } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by the app's own declaration.
export interface Register {}

/** The pool ids of {@link Register}, or any string when the app declares none. */
export type RegisteredPool = Register extends { pools: infer P extends string } ? P : string

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/core`. */
    readonly gateway: Gateway
  }
  interface FastifyRequest {
    /** The exchange of a gateway route, from its first hook on; `null` on other routes. Added by `@gatewright/core`. */
    exchange: Exchange | null
  }
  interface FastifyContextConfig {
    /** Makes this a gateway route: `{ pool, timeout, … }`. */
    gateway?: NativeRouteConfig<RegisteredPool>
  }
}
