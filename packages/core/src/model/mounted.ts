import type { NativeRouteConfig } from '../config/config.js'

/** Marks a route that the mounted table owns: it gets an exchange, but is not a native route. */
export const MOUNTED: NativeRouteConfig = Object.freeze({ id: 'gateway table' })

/** In the `config` of a route that a gateway of the app has bound. */
export const BOUND: unique symbol = Symbol.for('gatewright.bound')
