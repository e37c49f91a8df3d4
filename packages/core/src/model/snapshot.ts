import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import type { ResolvedHooks } from '../config/hooks.js'
import type { ReasonTable } from '../config/reason.js'
import type { Fact } from './fact.js'
import type { IngressPlan } from './ingress-plan.js'
import type { PathSettings } from './path.js'
import type { Pipeline } from './pipeline.js'
import type { Pool } from './pool.js'
import type { Route } from './route.js'
import type { NativeLookup, RouteTable } from './router.js'
import type { SnapshotUsage } from './snapshot-usage.js'
import type { Stages } from './stages.js'
import type { StepPlan } from './step-plan.js'

/** A native route, as it was registered. */
export interface NativeRoute {
  /** `GET /users/*` */
  readonly name: string
  readonly config: NativeRouteConfig
}

/** One whole configuration, compiled: immutable. A request reads it once and keeps it to its end. */
export interface Snapshot {
  /** 1 for the first. */
  readonly revision: number
  readonly config: GatewayConfig
  readonly pools: ReadonlyMap<string, Pool>
  /** The ids of those that parts of the gateway call themselves; they add to it while they prepare it. */
  readonly called: Set<string>
  /** The stages of each request and attempt, in the order of the pipeline. Complete before requests run on it. */
  readonly stages: Stages
  /** How requests are read on arrival. */
  readonly ingress: IngressPlan
  /** The exchanges that run on it. */
  readonly usage: SnapshotUsage
  /** Routes of the table, in the order of the configuration. */
  readonly routes: readonly Route[]
  /** `null` while no routing plugin is registered. */
  readonly table: RouteTable | null
  /** Compiled native routes, by their registration. */
  readonly native: ReadonlyMap<NativeRoute, Route>
  /** Looks up the app's own routes; set by `@gatewright/routing`. `null` if there are none. */
  natives: NativeLookup | null
  /** Routes whose CORS preflights the gateway answers; parts add to it while they prepare it. `null`: those of no route. */
  readonly preflights: Set<Route | null>
  readonly paths: PathSettings
  /** The hooks of every route; for a request that no route matches, all there are. `null` for none. */
  readonly hooks: ResolvedHooks | null
  /** Every reason there is. */
  readonly reasons: ReasonTable
  /** What features find out about exchanges. */
  readonly facts: readonly Fact[]
  /** Where parts add steps to routes while they prepare it. */
  readonly steps: StepPlan
  /** What requests that no route takes go through. */
  readonly pipeline: Pipeline
  /** Whether anything is to be done when a response has ended. */
  readonly usesOnResponse: boolean
}
