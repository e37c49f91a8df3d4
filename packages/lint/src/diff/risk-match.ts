import { covers } from '../match/path-pattern.js'
import { hostsCover, methodsCover, reachOf } from '../match/reach.js'
import type { RouteView } from '../view/route-view.js'
import type { Risk } from './change.js'

/** The keys that say which requests a route takes. */
export const MATCH_KEYS: readonly string[] = [
  'path',
  'host',
  'methods',
  'headers',
  'query',
  'priority',
  'caseSensitive',
  'trailingSlash'
]

/** Whether a route takes requests that it did not take; where that cannot be told, it does. */
export function matchRisk(key: string, before: RouteView, after: RouteView): Risk {
  const [old, next] = [reachOf(before.config), reachOf(after.config)]
  switch (key) {
    case 'path':
      return narrowedIf(covers(old.path, next.path))
    case 'host':
      return narrowedIf(hostsCover(old.hosts, next.hosts))
    case 'methods':
      return narrowedIf(methodsCover(old.methods, next.methods))
    case 'headers':
    case 'query':
      return narrowedIf(keepsConditions(before.config[key] ?? {}, after.config[key] ?? {}))
    case 'priority':
      return narrowedIf((after.config.priority ?? 0) < (before.config.priority ?? 0))
    case 'caseSensitive':
      return narrowedIf(after.config.caseSensitive !== false)
    default:
      return narrowedIf(after.config.trailingSlash !== 'ignore')
  }
}

function narrowedIf(isNarrower: boolean): Risk {
  return isNarrower ? 'match-narrowed' : 'match-widened'
}

function keepsConditions(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>
): boolean {
  return Object.entries(before).every(
    ([name, condition]) => JSON.stringify(after[name]) === JSON.stringify(condition)
  )
}
