import { checkRegExp, finish, type InSteps, PAUSE, type Route, type RouteTable } from '@gatewright/core'
import { checkResponse } from './check-direct-response.js'
import { findConflicts } from './conflicts.js'
import { explainRoutes } from './explain.js'
import { type Hosts, hostsOf } from './hosts.js'
import { Probe } from './probe.js'
import { readShape } from './shape.js'
import { Variant } from './variant.js'

/**
 * Compiles routes into a table. A request goes to the most specific host that has a matching route: exact, then the
 * longest wildcard, then any; among its routes in order of precedence. A route with a problem is left out.
 */
export function createRouteTable(routes: readonly Route[], problems: string[]): RouteTable {
  return finish(createRouteTableInSteps(routes, problems))
}

/** The same in steps: for a gateway that answers requests meanwhile. */
export function* createRouteTableInSteps(routes: readonly Route[], problems: string[]): InSteps<RouteTable> {
  const variants: Variant[] = []
  for (const [index, route] of routes.entries()) {
    const own = [...checkPatterns(route), ...checkResponse(route.action)]
    const variant = own.length > 0 ? undefined : createVariant(route, index, own)
    for (const problem of own) problems.push(`${route.source} '${route.id}': ${problem}`)
    if (variant !== undefined) variants.push(variant)
    yield
  }
  const hosts = yield* hostsOf(variants)
  for (const group of hosts.groups)
    for (const problem of findConflicts(group))
      if (problem === PAUSE) yield
      else problems.push(problem)
  return createTable(hosts)
}

function createTable(hosts: Hosts): RouteTable {
  // `OPTIONS *` asks about the server, not about a path.
  function search(probe: Probe): void {
    const { host, path } = probe.request
    if (path.charCodeAt(0) !== 47) return
    for (let group = hosts.of(host); group !== null; group = group.next) if (group.match(probe)) return
  }
  return {
    find(request) {
      const probe = new Probe(request, null)
      search(probe)
      return probe.found
    },
    allowed(request) {
      const methods = new Set<string>()
      search(new Probe(request, methods))
      return [...methods].sort()
    },
    explain: (request) => explainRoutes(hosts, request)
  }
}

function createVariant(route: Route, index: number, problems: string[]): Variant | undefined {
  const { match } = route
  // Fastify itself matches a native route.
  if (match === null) return undefined
  if (match.path.kind === 'regex') return new Variant(route, match, index, null)
  const shape = readShape(match.path, match.trailingSlash)
  if (typeof shape !== 'string') return new Variant(route, match, index, shape)
  problems.push(`path '${match.path.value}': ${shape}`)
  return undefined
}

function* checkPatterns({ match }: Route): Iterable<string> {
  if (match === null) return
  const { path, caseSensitive, headers, query } = match
  if (path.kind === 'regex') {
    const problem = checkRegExp(path.value, { ignoreCase: !caseSensitive })
    if (problem !== undefined) yield `path '~${path.value}' ${problem}`
  }
  for (const [source, conditions] of Object.entries({ header: headers, query }))
    for (const { name, kind, value } of conditions) {
      const problem = kind === 'regex' ? checkRegExp(value, { whole: true }) : undefined
      if (problem !== undefined) yield `${source} '${name}': the pattern '${value}' ${problem}`
    }
}
