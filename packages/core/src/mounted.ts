import type { NativeRouteConfig } from './config.js'

/** Marks a route that the mounted table owns: it gets an exchange, but is not a native route. */
export const MOUNTED: NativeRouteConfig = Object.freeze({ id: 'gateway table' })
