import type { Pool } from './pool.js'
import type { Route } from './route.js'

/** The pool of the route's fallback; `null` where it has none. */
export function fallbackPool({ fallback }: Pick<Route, 'fallback'>): Pool | null {
  return fallback?.action.kind === 'pool' ? fallback.action.pool : null
}
