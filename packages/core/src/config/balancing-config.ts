import type { OpenTypes } from './open-types.js'

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
  | OpenTypes['balancingPolicy']
