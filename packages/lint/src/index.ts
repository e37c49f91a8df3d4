export { lintPart } from './changes/lint-part.js'
export { type Change, OPENING_RISKS, RISKS, type Risk } from './diff/change.js'
export { type DiffOptions, diffConfigs } from './diff/diff.js'
export { type ChangeFormat, exitCodeOfChanges, formatChanges } from './diff/format.js'
export { exitCodeOf } from './findings/exit-code.js'
export type { Finding, Position, Waiver } from './findings/finding.js'
export { type FindingFormat, type FormatOptions, formatFindings } from './findings/format.js'
export { checkInvariants, type InvariantOptions } from './invariants/check-invariants.js'
export type { CodeInvariant, DataInvariant, Invariant, Violation } from './invariants/invariant.js'
export { type LintOptions, lint } from './lint.js'
export { lintChanges } from './plugin.js'
export { PRODUCTION_RULES } from './production/production-rules.js'
export type { Decision } from './replay/decision.js'
export { formatReplay } from './replay/format.js'
export {
  type ReplayGroup,
  type ReplayOptions,
  type ReplayResult,
  type ReplaySide,
  replay
} from './replay/replay.js'
export { RULES } from './rules/catalogue.js'
export { type Rule, SEVERITIES, type Severity } from './rules/rule.js'
export type { Given, RouteView } from './view/route-view.js'
