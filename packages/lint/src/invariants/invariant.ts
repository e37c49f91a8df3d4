import type { InvariantConfig, InvariantScopeConfig } from '@gatewright/core'
import type { Finding } from '../findings/finding.js'
import type { RouteView } from '../view/route-view.js'

/** Something that must hold for routes, as data: an entry of `lint.invariants`. */
export type DataInvariant = InvariantConfig

/** Something that must hold for routes, as code. */
export interface CodeInvariant {
  readonly name: string
  readonly where?: InvariantScopeConfig
  readonly allowNone?: boolean
  /** Called for each route that is meant: true, or what is wrong. */
  check(route: RouteView): true | string
}

/** Something that must hold. */
export type Invariant = DataInvariant | CodeInvariant

/** A route for which an invariant does not hold; formatted and counted as any finding. */
export interface Violation extends Finding {
  /** The name of the invariant. */
  readonly invariant: string
  /** The id of the route; `null` where no route is meant at all. */
  readonly route: string | null
}
