import { invalidConfig } from '../config/config-problems.js'
import { didYouMean } from '../config/nearest.js'

/** How a change is made. */
export interface ApplyOptions {
  /** Whether everything is checked and made ready, and then given up again. Default false. */
  readonly dryRun?: boolean
  /**
   * What happens when keys changed that are read once, at the start: `refuse` the whole change (default), or `keep` their
   * old values until the next start and apply all others.
   */
  readonly onRestartKeys?: 'refuse' | 'keep'
  /** Who makes the change, for the history. */
  readonly author?: string
  /** Why, for the history. */
  readonly reason?: string
  /** Where the configuration comes from, such as a file, for the history. */
  readonly source?: string
  /**
   * Waited for once everything is ready, right before the configuration takes over; what it rejects with refuses the change. For
   * changes that several processes make together. Not asked in a dry run.
   */
  readonly confirm?: () => Promise<void>
}

const RESTART_KEYS = ['refuse', 'keep']

const TEXT = { rule: 'a text', holds: (value: unknown) => typeof value === 'string' }

const ALLOWED: Readonly<Record<string, { readonly rule: string; holds(value: unknown): boolean }>> = {
  dryRun: { rule: 'true or false', holds: (value) => typeof value === 'boolean' },
  author: TEXT,
  reason: TEXT,
  source: TEXT,
  confirm: { rule: 'a function', holds: (value) => typeof value === 'function' },
  onRestartKeys: { rule: "'refuse' or 'keep'", holds: (value) => RESTART_KEYS.includes(value as string) }
}

/** Throws GW_CONFIG_INVALID, with all that is wrong: a dry run that is misspelled would be a change. */
export function checkApplyOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalidConfig(['gateway.apply(): the options must be an object'])
  const problems = Object.entries(options).flatMap(([key, value]) => {
    const allowed = Object.hasOwn(ALLOWED, key) ? ALLOWED[key] : undefined
    if (allowed === undefined)
      return [`gateway.apply(): there is no option '${key}'${didYouMean(key, Object.keys(ALLOWED))}`]
    return value === undefined || allowed.holds(value)
      ? []
      : [`gateway.apply(): ${key} must be ${allowed.rule}`]
  })
  if (problems.length > 0) throw invalidConfig(problems)
}
