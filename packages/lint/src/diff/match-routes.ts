import type { RouteView } from '../view/route-view.js'

/** Two routes that are one before and after a change, or one that is new or gone. */
export interface RoutePair {
  readonly before: RouteView | undefined
  readonly after: RouteView | undefined
}

type Name = (route: RouteView) => string | undefined

/** By what routes are known again, in this order. */
const NAMES: readonly Name[] = [
  ({ config }) => (config.id === undefined ? undefined : `id ${config.id}`),
  (route) => `${methodsOf(route)} ${placeOf(route)} ${conditionsOf(route)}`,
  (route) => `${methodsOf(route)} ${placeOf(route)}`,
  placeOf,
  ({ config }) => config.path
]

/** Which route is which: by id, else by methods, host and path, else by what of these is left. */
export function matchRoutes(before: readonly RouteView[], after: readonly RouteView[]): readonly RoutePair[] {
  const pairOf = new Map<RouteView, RouteView>()
  const taken = new Set<RouteView>()
  for (const nameOf of NAMES) {
    const free = new Map<string, RouteView[]>()
    for (const route of before) {
      const name = taken.has(route) ? undefined : nameOf(route)
      if (name !== undefined) free.set(name, [...(free.get(name) ?? []), route])
    }
    for (const route of after) {
      if (pairOf.has(route)) continue
      const old = free.get(nameOf(route) ?? '')?.shift()
      if (old === undefined) continue
      pairOf.set(route, old)
      taken.add(old)
    }
  }
  for (const [route, old] of soleOnes(
    before.filter((one) => !taken.has(one)),
    after.filter((one) => !pairOf.has(one))
  )) {
    pairOf.set(route, old)
    taken.add(old)
  }
  return [
    ...before.filter((route) => !taken.has(route)).map((route) => ({ before: route, after: undefined })),
    ...after.map((route) => ({ before: pairOf.get(route), after: route }))
  ]
}

// Of those that are left, the only ones on both sides with this host and this pool: the path has been rewritten.
function* soleOnes(
  before: readonly RouteView[],
  after: readonly RouteView[]
): Iterable<readonly [after: RouteView, before: RouteView]> {
  const [olds, news] = [groupedByAim(before), groupedByAim(after)]
  for (const [aim, [route, ...others]] of news) {
    const [old, ...more] = olds.get(aim) ?? []
    if (route !== undefined && old !== undefined && others.length + more.length === 0) yield [route, old]
  }
}

function groupedByAim(routes: readonly RouteView[]): Map<string, RouteView[]> {
  const groups = new Map<string, RouteView[]>()
  for (const route of routes) {
    const { config, action } = route
    // An id is a name of its own.
    if (config.id !== undefined) continue
    const aim = JSON.stringify([[config.host ?? '*'].flat().sort(), action, route.given('pool')?.value])
    groups.set(aim, [...(groups.get(aim) ?? []), route])
  }
  return groups
}

function methodsOf({ config }: RouteView): string {
  return config.methods === undefined ? '*' : [...config.methods].sort().join(',')
}

function placeOf({ config }: RouteView): string {
  const hosts = [config.host ?? '*'].flat().map((host) => host.toLowerCase())
  return `${hosts.sort().join(',')} ${config.path}`
}

function conditionsOf({ config }: RouteView): string {
  return JSON.stringify([config.headers ?? {}, config.query ?? {}])
}
