import type { WaiverConfig } from '@gatewright/core'
import type { Severity } from '../rules/rule.js'

/** A place in a file. Lines and columns begin at 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A finding that is known, and left so for a while: an entry of `lint.waivers`. */
export type Waiver = WaiverConfig

/** Something in a configuration that is likely to hurt. */
export interface Finding {
  /** The id of its rule, or `waiver.expired` and the like. */
  readonly id: string
  readonly severity: Severity
  /** Where the value stands: `routes[0].retry.budgetPercent`. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly fix: string
  /** Where that is in a file, if `locate` knows. */
  readonly position?: Position
  /** The waiver by which it counts no more. */
  readonly waivedBy?: Waiver
}
