import type { ConfigView } from '../view/config-view.js'

/** How bad a finding is. */
export type Severity = 'error' | 'warning' | 'info'

/** The severities, the worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info']

/** What a rule says: its row in `docs/lint.md`. */
export interface Rule {
  /** Stable: `retry.no-budget`. */
  readonly id: string
  readonly severity: Severity
  /** What is found, in a few words. */
  readonly title: string
  /** Why it matters. */
  readonly explanation: string
  /** What to do about it. */
  readonly fix: string
  /** A configuration that has it, as YAML. */
  readonly found: string
  /** The same without it, as YAML. */
  readonly clean: string
}

/** What a rule has found in one place. */
interface Found {
  /** Where the value stands: `routes[0].retry.budgetPercent`. */
  readonly path: string
  readonly message: string
}

/** A rule with the look at values that finds it. */
export interface LintRule extends Rule {
  /** Pure; the time is for what expires. */
  find(view: ConfigView, now: Date): Iterable<Found>
}
