import type { Route, RouteSlot } from '@gatewright/core'
import type { Importance } from './config/config.js'
import { importanceKey } from './keys.js'
import type { Limiter } from './limiter.js'
import type { ProcessSettings } from './settings.js'

/** The limits of a route. */
export interface RouteLimit {
  /** The route's own limit; `null` for none. */
  readonly own: Limiter | null
  readonly importance: Importance
  /** The `overload` settings of its configuration; `null` for none. */
  readonly process: ProcessSettings | null
}

const NONE: RouteLimit = { own: null, importance: 'default', process: null }

/** The limits of routes, which apply in addition to those of pools, and the importance of their requests. */
export class RouteLimits {
  readonly #slot: RouteSlot<RouteLimit>

  constructor(slot: RouteSlot<RouteLimit>) {
    this.#slot = slot
  }

  set(route: Route, own: Limiter | null, process: ProcessSettings | null): void {
    this.#slot.set(route, { own, importance: route.setting(importanceKey), process })
  }

  of(route: Route | null): RouteLimit {
    return (route === null ? undefined : this.#slot.of(route)) ?? NONE
  }
}
