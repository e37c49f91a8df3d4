import type { Route } from './route.js'

/**
 * What a part knows of each route, kept in the route itself, so that it goes with it. Cheaper than a `WeakMap`, which has to
 * be made larger in one piece and looked through by every collection of garbage.
 *
 * @example
 * const limits = gateway.claimRouteSlot<Limit>()
 * limits.set(route, limit)
 */
export class RouteSlot<T> {
  readonly #index: number

  constructor(index: number) {
    this.#index = index
  }

  /** `undefined` before it was set. */
  of(route: Route): T | undefined {
    return route.slots[this.#index] as T | undefined
  }

  set(route: Route, value: T): void {
    route.slots[this.#index] = value
  }
}
