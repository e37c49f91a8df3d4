import type { Algorithm } from './algorithms.js'
import type { LimitCounts } from './limit-counts.js'
import type { RateLimitSettings } from './settings.js'

/** A limit as one route, or the whole configuration, has it: its own settings, and counts that others may share. */
export interface RateLimit {
  readonly settings: RateLimitSettings
  readonly counts: LimitCounts
  /** How this process counts; of a shared limit its share, for while the store cannot be reached. */
  readonly algorithm: Algorithm
  /** How many may run at one time in this process, of a limit of those. */
  readonly mostRunning: number
  /** Whether the store counts. */
  readonly isShared: boolean
}
