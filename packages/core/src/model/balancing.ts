import type { Chance, Clock } from './clock.js'
import type { Endpoint } from './endpoint.js'
import type { Exchange } from './exchange.js'
import type { AttemptRecord } from './outcome.js'

/** Endpoints to choose among: never empty, all usable. */
export type Candidates = readonly [Endpoint, ...Endpoint[]]

/**
 * Chooses among endpoints already known to be usable; never filters, never waits. One instance per pool, so
 * an instance may keep state. `started` and `ended` are told of the pool's attempts.
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

/** Options of a policy that has none. */
export type NoOptions = Readonly<Record<never, never>>

/**
 * The policies that a pool can name, with their options; each package of policies adds its own. So does an app
 * that names one of its own in a configuration, which the compiler then knows:
 * `declare module '@gatewright/core' { interface BalancingPolicies { nearest: { region: string } } }`
 */
export interface BalancingPolicies {
  /** The first usable endpoint in the order of the list: the others are for when it fails. */
  first: NoOptions
}

/** The name of a balancing policy. */
export type BalancingName = keyof BalancingPolicies

/**
 * How a pool's endpoint is chosen: a policy's name, its name with options, or a policy of your own. `B` are names
 * of policies that are known here alone.
 */
export type BalancingConfig<B extends string = never> =
  | BalancingName
  | B
  | ({ readonly type: B } & Readonly<Record<string, unknown>>)
  | { [Name in BalancingName]: { readonly type: Name } & BalancingPolicies[Name] }[BalancingName]
  | BalancingPolicy
