import type { Rule } from './rule.js'
import { LINT_RULES } from './rules.js'

/** All rules, by topic. */
export const RULES: readonly Rule[] = LINT_RULES
