import { missingOnRoute } from './authentication.js'
import { unreachable } from './pools.js'
import { noBudget } from './retries.js'
import type { LintRule } from './rule.js'
import { perTryExceedsTotal } from './timeouts.js'
import { verificationOff } from './upstream-tls.js'

/** All rules, by topic. */
export const LINT_RULES: readonly LintRule[] = [
  noBudget,
  perTryExceedsTotal,
  verificationOff,
  missingOnRoute,
  unreachable
]
