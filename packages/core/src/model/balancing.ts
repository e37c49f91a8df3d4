import type { Chance, Clock } from './clock.js'
import type { Endpoint } from './endpoint.js'
import type { Exchange } from './exchange-type.js'
import type { AttemptRecord } from './outcome.js'

/** Endpoints to choose among: never empty, all usable. */
export type Candidates = readonly [Endpoint, ...Endpoint[]]

/**
 * Chooses among endpoints already known to be usable; never filters, never waits. One instance per pool, so
 * an instance may keep state. `started` and `ended` are called for the pool's attempts.
 */
export interface BalancingPolicy {
  /** Names the policy in logs and in `explain`. */
  readonly name?: string
  /**
   * The endpoint that has the request's session, or `null`. It is then a candidate of this request even while it drains (or
   * has weight 0). `endpoints` are all of the pool. Asked before every attempt while any of them is not open.
   */
  sessionOf?(endpoints: readonly Endpoint[], exchange: Exchange): Endpoint | null
  pick(candidates: Candidates, exchange: Exchange): Endpoint
  started?(endpoint: Endpoint, exchange: Exchange): void
  ended?(attempt: AttemptRecord, exchange: Exchange): void
}

/** What a policy factory may use. Time and chance are passed in so that tests can fix both. */
export interface BalancingContext {
  readonly poolId: string
  readonly clock: Clock
  readonly chance: Chance
}

/**
 * A policy by name. `schema` is the JSON Schema of its options: the configuration `{ type: 'name', …options }`
 * is validated against it before `create` is called; it is absent when there are no options.
 */
export interface BalancingPolicyType<Options = never> {
  readonly name: string
  readonly schema?: object
  create(options: Options, context: BalancingContext): BalancingPolicy
}

declare module '../config/open-types.js' {
  interface OpenTypes {
    readonly balancingPolicy: BalancingPolicy
  }
}
