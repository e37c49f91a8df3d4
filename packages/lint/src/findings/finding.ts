import type { Severity } from '../rules/rule.js'

/** A place in a file. Lines and columns begin at 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A finding that is known, and why it is left so for a while. */
export interface Waiver {
  /** The id of the rule. */
  readonly id: string
  /**
   * Where: the finding's path or one that it begins with, such as `pools.legacy`; of a route also by its id,
   * `routes.users`. Default: everywhere.
   */
  readonly path?: string
  /** Why it is left so. */
  readonly reason: string
  /** Until when: a date, `2027-03-31` (until its end, UTC), or a time of RFC 3339. */
  readonly expires: string
}

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
