import { goesBefore, type Reach, reachCovers, reachOf } from '../match/reach.js'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { PlacedChange } from './change.js'
import type { RoutePair } from './match-routes.js'
import { partOf } from './node-values.js'
import { authRisk } from './risk-auth.js'
import { whatItGets } from './route-changes.js'

/**
 * Requests that go to another route than before, and are asked for less there: those of a route that is gone, or that a new
 * one takes from another.
 */
export function* takeovers(
  pairs: readonly RoutePair[],
  from: ConfigView,
  to: ConfigView
): Iterable<PlacedChange> {
  const [olds, news] = [reachesOf(from), reachesOf(to)]
  const partnerOf = new Map(
    pairs.flatMap(({ before, after }) => (before && after ? [[after, before] as const] : []))
  )
  const told = new Set<RouteView>()
  for (const { before, after } of pairs) {
    if (before !== undefined && after !== undefined && sameReach(before, after)) continue
    for (const reach of [before && olds.get(before), after && news.get(after)]) {
      if (reach === undefined) continue
      const [gave, takes] = [takerOf(reach, olds), takerOf(reach, news)]
      // What a route itself asks for now is told of that route.
      if (gave === undefined || takes === undefined || partnerOf.get(takes) === gave || told.has(takes))
        continue
      const risk = authRisk(authIn(gave, from), authIn(takes, to))
      if (risk !== 'auth-removed' && risk !== 'auth-weakened') continue
      told.add(takes)
      yield {
        at: takes.path,
        isGone: false,
        change: {
          kind: 'changed',
          risk,
          path: takes.path,
          message: `route '${takes.id}' takes requests that went to route '${gave.id}', and asks for less authentication`,
          route: takes.id
        }
      }
    }
  }
}

type Reaches = ReadonlyMap<RouteView, Reach>

function reachesOf({ routes }: ConfigView): Reaches {
  return new Map(routes.map((route) => [route, reachOf(route.config)]))
}

function sameReach(before: RouteView, after: RouteView): boolean {
  return JSON.stringify(matchOf(before)) === JSON.stringify(matchOf(after))
}

function matchOf({ config }: RouteView): unknown {
  const { path, host, methods, headers, query, caseSensitive, trailingSlash } = config
  return [
    path,
    [host ?? []].flat().sort(),
    [...(methods ?? [])].sort(),
    headers,
    query,
    caseSensitive,
    trailingSlash
  ]
}

// The route that all these requests go to; `undefined` where there is none, or several.
function takerOf(reach: Reach, reaches: Reaches): RouteView | undefined {
  let best: RouteView | undefined
  for (const [route, own] of reaches) {
    if (!reachCovers(own, reach)) continue
    if (best === undefined || goesBefore(own, reaches.get(best) as Reach)) best = route
  }
  return best
}

function authIn(route: RouteView, view: ConfigView): ReturnType<typeof partOf> {
  return partOf(whatItGets(route, view).node, 'auth')
}
