import type { Route } from '@gatewright/core'
import type { Importance } from './config/config.js'
import { importanceKey } from './keys.js'
import type { Limiter } from './limiter.js'

/** What holds for a route by itself. */
interface RouteLimit {
  /** Its own; `null` for none. */
  readonly own: Limiter | null
  readonly importance: Importance
}

const NONE: RouteLimit = { own: null, importance: 'default' }

/** The limits of routes alone, which those of their pools hold besides, and how much their requests matter. */
export class RouteLimits {
  readonly #byRoute = new WeakMap<Route, RouteLimit>()

  set(route: Route, own: Limiter | null): void {
    this.#byRoute.set(route, { own, importance: route.setting(importanceKey) })
  }

  of(route: Route | null): RouteLimit {
    return (route === null ? undefined : this.#byRoute.get(route)) ?? NONE
  }
}
