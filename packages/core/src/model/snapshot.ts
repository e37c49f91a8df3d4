import type { GatewayConfig } from '../config/config.js'
import type { PathSettings } from '../ingress/path.js'
import type { NativeRoute } from './compile.js'
import type { Fact } from './fact.js'
import type { Pool } from './pool.js'
import type { ReasonTable } from './reason.js'
import type { ResolvedHooks, Route } from './route.js'
import type { RouteTable } from './router.js'

/** One whole configuration, compiled: immutable. A request reads it once and keeps it to its end. */
export interface Snapshot {
  /** 1 for the first. */
  readonly revision: number
  readonly config: GatewayConfig
  readonly pools: ReadonlyMap<string, Pool>
  /** Routes of the table, in the order of the configuration. */
  readonly routes: readonly Route[]
  /** `null` while no routing plugin is registered. */
  readonly table: RouteTable | null
  /** Native routes, by what they were registered as. */
  readonly native: ReadonlyMap<NativeRoute, Route>
  readonly paths: PathSettings
  /** The hooks of every route; for a request that no route matches, all there are. `null` for none. */
  readonly hooks: ResolvedHooks | null
  /** Every reason there is. */
  readonly reasons: ReasonTable
  /** What features find out about exchanges. */
  readonly facts: readonly Fact[]
}
