import {
  type AppRoute,
  type GatewayConfig,
  nameOfRoute,
  PAUSE,
  type RouteTable,
  type Snapshot
} from '@gatewright/core'
import type { FastifyInstance } from 'fastify'
import { groupBy } from './group-by.js'
import type { Mount } from './mount.js'
import { baseOf, reaches } from './mount-points.js'

/** Yields the problems of routes that Fastify never brings to the table. `whole` is the path it is mounted under. */
export function* checkMount(
  { routes = [] }: GatewayConfig,
  whole: string,
  mount: Mount,
  natives: readonly AppRoute[]
): Iterable<string> {
  for (const [index, route] of routes.entries()) {
    yield PAUSE
    const { path, methods } = route
    if (!reaches(path, whole))
      yield `routes[${index}].path: '${path}' can never match: the table is mounted under '${whole}', and paths are written in full, such as '${whole}${path}'`
    else if (methods?.every((method) => isKnown(method, mount) && !mount.has(method, baseOf(route, whole))))
      yield `routes[${index}]: '${path}' can never match: ${placesOf(mount, methods)} of the app goes first; give that a prefix or paths of its own`
  }
  for (const native of natives)
    if (isOvertaken(native, whole, mount))
      yield `${nameOfRoute(native)}: the route table would go first for some of its paths, as another route of the app takes every path with ${native.methods.join(', ')}: give that, or this one, a fixed first segment`
}

// An unknown method is reported separately.
function isKnown(method: string, { taken }: Mount): boolean {
  return taken.some((place) => place.method === method)
}

// Fastify prefers a fixed first segment, so there a mounted table would get what a route with parameters may guard.
function isOvertaken({ url, methods }: AppRoute, whole: string, { below }: Mount): boolean {
  const own = url.slice(whole.length)
  return /^\/:[^/]*\/./.test(own) && methods.some((method) => below.includes(method))
}

/** Logs once at the start which requests the table does not get, and which ones native routes leave to it. */
export function warnOfGaps({ gateway, log }: FastifyInstance, snapshot: Snapshot, mount: Mount): void {
  const { table, config } = snapshot
  if (table === null) return
  const taken = mount.taken.filter(({ method, url }) => url.endsWith('/*') && method !== 'OPTIONS')
  const partly =
    taken.length === 0
      ? []
      : (config.routes ?? []).filter(
          (route) =>
            route.methods === undefined && taken.some(({ method }) => !mount.has(method, baseOf(route, '')))
        )
  if (partly.length > 0)
    log.warn(
      {
        places: taken.map(({ method, url }) => `${method} ${url}`),
        routes: partly.map(({ id, path }) => id ?? path)
      },
      'routes of the app take every path of some methods, which the route table then does not get: give them a prefix, or list the methods of the routes'
    )
  if (config.nativeFirst === 'strict') return
  const gaps = gapsOf(gateway.appRoutes, table, snapshot)
  if (gaps.length > 0)
    log.warn(
      { gaps },
      "requests to the path of a native route go to the route table, past the route's hooks, when their method is another: add the methods to the native route, or set nativeFirst: 'strict'"
    )
}

/** A native route whose path the table takes with other methods. */
interface Gap {
  readonly native: string
  readonly methods: readonly string[]
  /** The table's route. */
  readonly to: string
}

function gapsOf(natives: readonly AppRoute[], table: RouteTable, { routes }: Snapshot): readonly Gap[] {
  if (natives.every(({ config }) => config === null)) return []
  const hosts = ['', ...new Set(routes.flatMap(({ match }) => match?.hosts ?? []))]
  const methods = [...new Set(routes.flatMap(({ match }) => match?.methods ?? COMMON))]
  const gaps: Gap[] = []
  for (const [url, same] of groupBy(
    natives.filter(({ config }) => config !== null),
    (route) => route.url
  )) {
    const known = new Set(natives.filter((route) => route.url === url).flatMap((route) => route.methods))
    const request = { path: sampleOf(url), query: '', headers: {} }
    const open = methods.filter((method) => !known.has(method))
    for (const host of hosts) {
      const found = open.map((method) => ({
        method,
        to: table.find({ ...request, method, host: host.replace('*', 'x') })?.route.id
      }))
      const to = found.find((one) => one.to !== undefined)?.to
      if (to === undefined) continue
      const past = found.filter((one) => one.to !== undefined).map(({ method }) => method)
      gaps.push({ native: `${same.flatMap((route) => route.methods).join(',')} ${url}`, methods: past, to })
      break
    }
  }
  return gaps
}

const COMMON = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

// An example path of the pattern: enough to query the table, though not for every expression in a pattern.
function sampleOf(url: string): string {
  return url
    .replaceAll('::', '\0')
    .replace(/:[^/:.(-]+(?:\([^/]*\))?\??/g, 'x')
    .replace(/\*$/, 'x')
    .replaceAll('\0', ':')
}

function placesOf({ taken }: Mount, methods: readonly string[]): string {
  const places = taken
    .filter(({ method }) => methods.includes(method))
    .map(({ method, url }) => `${method} ${url}`)
  return [...new Set(places)].join(' and ')
}
