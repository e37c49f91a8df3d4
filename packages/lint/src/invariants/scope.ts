import type { InvariantScopeConfig, Method, RouteConfig } from '@gatewright/core'
import { goesBefore, type Reach, reachCovers, reachesOverlap, reachOf } from '../match/reach.js'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'

/**
 * The routes that some of the requests go to. A broader route is left out where another one goes before it and takes all
 * of them: `/*` beside `/admin/*`, of what is below `/admin`.
 */
export function routesIn({ routes }: ConfigView, where: InvariantScopeConfig): readonly RouteView[] {
  const named = routes.filter(
    (route) =>
      fits(where.route, route.id) &&
      fits(where.pool, route.given('pool')?.value) &&
      fits(where.action, route.action)
  )
  if (where.path === undefined && where.host === undefined && where.method === undefined) return named
  const meant = reachOf(asRoute(where))
  const reaches = new Map(routes.map((route) => [route, reachOf(route.config)]))
  return named.filter((route) => {
    const own = reaches.get(route) as Reach
    if (!reachesOverlap(own, meant)) return false
    return !routes.some((other) => {
      const reach = reaches.get(other) as Reach
      return other !== route && goesBefore(reach, own) && reachCovers(reach, meant)
    })
  })
}

function asRoute({ path = '/*', host, method }: InvariantScopeConfig): RouteConfig {
  return {
    path,
    ...(host === undefined ? {} : { host }),
    ...(method === undefined ? {} : { methods: [method].flat() as Method[] })
  }
}

function fits(wanted: string | readonly string[] | undefined, name: string | undefined): boolean {
  if (wanted === undefined) return true
  if (name === undefined) return false
  return [wanted].flat().some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one))
}
