import type { LintRule } from '../rules/rule.js'
import * as bounds from './bounds.js'
import * as endpoints from './endpoints.js'
import * as entering from './entering.js'
import * as limits from './limits.js'
import * as stopping from './stopping.js'
import * as telling from './telling.js'

/** What the ids of rules begin with that are looked for before production alone. */
const PREFIX = 'production.'

/** Whether a rule is looked for before production alone, by its id. */
export function isForProduction(id: string): boolean {
  return id.startsWith(PREFIX)
}

/** The rules that are looked for before production alone: what works, and is not enough there. */
export const PRODUCTION_RULES: readonly LintRule[] = [
  stopping.noProbes,
  stopping.stopsAtOnce,
  stopping.cutsOff,
  stopping.ignoresSignals,
  telling.noMetrics,
  telling.metricsUnprotected,
  telling.noObjectives,
  telling.noAccessLog,
  telling.prettyLog,
  telling.logFile,
  telling.logLevel,
  entering.authUndecided,
  entering.proxiesUndecided,
  entering.plainCredentials,
  bounds.noTotal,
  bounds.noBodyLimit,
  bounds.clientTimeoutsOff,
  limits.noRateLimit,
  limits.limitsPerProcess,
  limits.noOverload,
  endpoints.singleEndpoint,
  endpoints.noProbing,
  stopping.unguardedChanges
]
