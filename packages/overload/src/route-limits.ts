import type { Route } from '@gatewright/core'
import type { Importance } from './config/config.js'
import { importanceKey } from './keys.js'
import type { Limiter } from './limiter.js'
import type { ProcessSettings } from './settings.js'

/** What holds for a route by itself. */
interface RouteLimit {
  /** Its own; `null` for none. */
  readonly own: Limiter | null
  readonly importance: Importance
  /** Of its configuration as a whole; `null` for none. */
  readonly process: ProcessSettings | null
}

const NONE: RouteLimit = { own: null, importance: 'default', process: null }

/** The limits of routes alone, which those of their pools hold besides, and how much their requests matter. */
export class RouteLimits {
  readonly #byRoute = new WeakMap<Route, RouteLimit>()

  set(route: Route, own: Limiter | null, process: ProcessSettings | null): void {
    this.#byRoute.set(route, { own, importance: route.setting(importanceKey), process })
  }

  of(route: Route | null): RouteLimit {
    return (route === null ? undefined : this.#byRoute.get(route)) ?? NONE
  }
}
