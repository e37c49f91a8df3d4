import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import type { Keys } from '../config/key-registry.js'
import type { ReasonTable } from '../config/reason.js'
import type { BalancingContext } from '../model/balancing.js'
import type { Fact } from '../model/fact.js'
import type { RouterFactory } from '../model/router.js'
import type { NativeRoute, Snapshot } from '../model/snapshot.js'
import type { Stages } from '../model/stages.js'
import type { PolicyTypes } from './pool-checks.js'

/**
 * Yields one sentence per problem that the schema cannot see, beginning with its place: `pools.users.health: …`.
 * `native` are the native routes by name. The configuration has the schema's shape.
 */
export type ConfigCheck = (
  config: GatewayConfig,
  native: readonly (readonly [name: string, config: NativeRouteConfig])[]
) => Iterable<string>

/** Everything a compilation reads besides the configuration. */
export interface CompileContext {
  /** The configuration before, whose pools stay where they are the same; `null` for the first. */
  readonly previous: Snapshot | null
  /** The snapshot's own stages. */
  readonly stages: Stages
  readonly native: readonly NativeRoute[]
  readonly types: PolicyTypes
  readonly router: RouterFactory | null
  readonly balancing: Omit<BalancingContext, 'poolId'>
  /** The keys of features. */
  readonly keys: Keys
  readonly reasons: ReasonTable
  readonly facts?: readonly Fact[]
  /** Checks of the whole configuration that plugins add. */
  readonly checks: readonly ConfigCheck[]
}
