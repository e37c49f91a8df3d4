import type { MatchRequest, RouteConsidered, RouteMatch } from '@gatewright/core'
import type { Group } from './group.js'
import type { Hosts } from './hosts.js'
import { readParams, type Segments } from './shape.js'
import type { Variant } from './variant.js'

/** Every route for a request, best first. It looks at each route by itself, so it is for people, not for traffic. */
export function explainRoutes(hosts: Hosts, request: MatchRequest): readonly RouteConsidered[] {
  const matching: Group[] = []
  for (let group = hosts.of(request.host); group !== null; group = group.next) matching.push(group)
  const ofHost = new Set(matching.flatMap((group) => group.variants))
  const all = new Set([...ofHost, ...hosts.groups.flatMap((group) => group.variants)])
  let first: string | undefined
  return [...all].map((variant): RouteConsidered => {
    const routeId = variant.route.id
    const failed = ofHost.has(variant) ? failure(variant, request) : otherHost(variant, request)
    if (failed !== undefined) return { routeId, matched: false, because: failed }
    const because = first === undefined ? success(variant, request) : `matched, but '${first}' goes first`
    first ??= routeId
    return { routeId, matched: true, because }
  })
}

function otherHost({ match }: Variant, { host }: MatchRequest): string {
  return `host '${host}' is not ${match.hosts.map((pattern) => `'${pattern}'`).join(' or ')}`
}

/** The first condition besides the host that does not hold. */
function failure(variant: Variant, request: MatchRequest): string | undefined {
  const { match, conditions, methods } = variant
  const { path, method } = request
  if (!fits(variant, path)) return `path '${path}' ${relation(match.path, 'does not match', 'is not')}`
  if (!variant.accepts(method))
    return methods === null
      ? `method ${method} is never routed`
      : `method ${method} is not ${[...methods].join(', ')}`
  return conditions.find((condition) => !condition.holds(request))?.explain(request)
}

function success({ match, conditions }: Variant, { path }: MatchRequest): string {
  const others = conditions.length === 0 ? '' : ', and its conditions hold'
  return `path '${path}' ${relation(match.path, 'matches', 'is')}${others}`
}

function relation({ kind, value }: RouteMatch['path'], matches: string, is: string): string {
  if (kind === 'regex') return `${matches} '~${value}'`
  return kind === 'exact' ? `${is} '${value}'` : `${is} under '${value === '' ? '/' : value}'`
}

function fits({ match, shape, regex }: Variant, path: string): boolean {
  if (path[0] !== '/') return false
  if (shape === null) return (regex as RegExp).test(path)
  const given = path.slice(1).split('/')
  const same = (segments: Segments): boolean =>
    (shape.kind === 'exact' ? given.length === segments.length : given.length >= segments.length) &&
    segments.every((segment, index) => segment === null || equal(segment, given[index] as string))
  const equal = (a: string, b: string): boolean =>
    a === b || (!match.caseSensitive && a.toLowerCase() === b.toLowerCase())
  return shape.spellings.some(same) && readParams(shape, path, false) !== null
}
