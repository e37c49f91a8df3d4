import type { Position } from '../findings/finding.js'

/** What a change may do. */
export type Risk = (typeof RISKS)[number]

/** All risks, the worst first. */
export const RISKS = [
  'auth-removed',
  'auth-weakened',
  'tls-weakened',
  'exposure-widened',
  'match-widened',
  'limit-loosened',
  'upstream-changed',
  'removed',
  'match-narrowed',
  'limit-tightened',
  'timeout-changed',
  'auth-strengthened',
  'tls-strengthened',
  'exposure-narrowed',
  'added',
  'changed'
] as const

/** Those by which more gets in, or more gets out, than before. */
export const OPENING_RISKS: readonly Risk[] = RISKS.slice(0, RISKS.indexOf('upstream-changed'))

/** One difference in meaning between two configurations. */
export interface Change {
  /** Whether the value is new, gone, or another one. */
  readonly kind: 'added' | 'removed' | 'changed'
  readonly risk: Risk
  /** Where it is: in the configuration after the change, but for what is gone. `routes[3].retry.attempts`. */
  readonly path: string
  /** The value, secrets as `***`; `undefined` where there was none. */
  readonly before?: unknown
  readonly after?: unknown
  readonly message: string
  /** The route that gets it, by its id. */
  readonly route?: string
  /** Where it comes from, when that is not the route itself: `policies.slow`, `auth`. */
  readonly via?: string
  /** Where that is in a file: before the change for what is gone, else after it. */
  readonly position?: Position
}

/** A change, and what it is looked up by in the files. */
export interface PlacedChange {
  readonly change: Change
  /** `policies.slow.retry.attempts` */
  readonly at: string
  /** Whether that is in the configuration before the change. */
  readonly isGone: boolean
}
