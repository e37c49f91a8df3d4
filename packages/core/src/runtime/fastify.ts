import type { NativeRouteConfig } from '../config/config.js'
import type { Exchange } from '../model/exchange.js'
import type { Gateway } from './kernel.js'

/**
 * Declares to the compiler which pools and policies an app has, so that a native route's `pool: 'usrs'` is a compile error:
 * `declare module '@gatewright/core' { interface Register { pools: 'users' | 'orders'; policies: 'quick' } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by the app's own declaration.
export interface Register {}

/** The pool ids of {@link Register}, or any string when the app declares none. */
export type RegisteredPool = Register extends { pools: infer P extends string } ? P : string

/** The policy ids of {@link Register}, or any string when the app declares none. */
export type RegisteredPolicy = Register extends { policies: infer U extends string } ? U : string

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
    gateway?: NativeRouteConfig<RegisteredPool, RegisteredPolicy>
  }
}
