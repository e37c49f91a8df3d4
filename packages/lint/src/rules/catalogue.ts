import type { Rule } from './rule.js'
import { LINT_RULES } from './rules.js'
import { WAIVER_RULES } from './waivers.js'

/** All rules, by topic; those about waivers last. */
export const RULES: readonly Rule[] = [...LINT_RULES, ...Object.values(WAIVER_RULES)]
