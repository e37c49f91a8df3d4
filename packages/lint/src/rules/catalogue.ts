import { PRODUCTION_RULES } from '../production/production-rules.js'
import type { Rule } from './rule.js'
import { LINT_RULES } from './rules.js'
import { unknownRule } from './severities.js'
import { WAIVER_RULES } from './waivers.js'

/** All rules, by topic; those for production, and those about `lint` itself, last. */
export const RULES: readonly Rule[] = [
  ...LINT_RULES,
  ...PRODUCTION_RULES,
  unknownRule,
  ...Object.values(WAIVER_RULES)
]
