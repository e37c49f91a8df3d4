import { SEVERITIES, type Severity } from '../rules/rule.js'
import type { Finding } from './finding.js'

/**
 * The exit code of a command that has these findings: 1 when one of them is as bad as `threshold` or worse and not waived,
 * else 0. `never`: 0 whatever was found. Default `error`.
 */
export function exitCodeOf(findings: readonly Finding[], threshold: Severity | 'never' = 'error'): 0 | 1 {
  if (threshold === 'never') return 0
  const counting = SEVERITIES.slice(0, SEVERITIES.indexOf(threshold) + 1)
  return findings.some(({ severity, waivedBy }) => waivedBy === undefined && counting.includes(severity))
    ? 1
    : 0
}
