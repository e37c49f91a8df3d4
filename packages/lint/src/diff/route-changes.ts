import type { RouteConfig } from '@gatewright/core'
import { type Difference, differences } from '../meaning/differences.js'
import { type Node, nodeOf } from '../meaning/node.js'
import { options, routeOwn } from '../meaning/option-shapes.js'
import { timeouts } from '../meaning/pool-shapes.js'
import { list, map, object, type Shape, scalar } from '../meaning/shape.js'
import type { ConfigView } from '../view/config-view.js'
import { DEFAULT_TIMEOUTS, type OptionKey, type RouteView, type TimeoutName } from '../view/route-view.js'
import type { PlacedChange } from './change.js'
import { changeOf } from './change-of.js'
import type { RoutePair } from './match-routes.js'
import { MATCH_KEYS, matchRisk } from './risk-match.js'

const condition = object(
  { exact: scalar(), prefix: scalar(), regex: scalar(), exists: scalar(), not: scalar(false) },
  (value) => (typeof value === 'string' ? { exact: value } : value)
)

const match: Readonly<Record<string, Shape>> = {
  id: scalar(),
  path: scalar(),
  host: { kind: 'scalar', fold: hostsOf },
  methods: { kind: 'scalar', fold: methodsOf },
  headers: { kind: 'map', of: condition, fold: (name) => name.toLowerCase() },
  query: map(condition),
  priority: scalar(0),
  caseSensitive: scalar(true),
  trailingSlash: scalar('strict')
}

// As routes are matched: in lower case, without a dot at the end; `*` is all of them, as if nothing was said.
function hostsOf(given: unknown): unknown {
  const hosts = [given].flat().map((host) => String(host).toLowerCase().replace(/\.$/, ''))
  return hosts.includes('*') ? ['*'] : hosts.sort()
}

// GET includes HEAD.
function methodsOf(given: unknown): unknown {
  const methods = [given].flat().map(String)
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort()
}

const routeShape: Shape = object({ ...match, ...routeOwn, ...options, timeouts, hooks: map(list()) })

/** What differs between a route before and after a change. */
export function* routeChanges(
  { before, after }: RoutePair,
  from: ConfigView,
  to: ConfigView
): Iterable<PlacedChange> {
  const route = after ?? before
  if (route === undefined) return
  const [old, next] = [before && whatItGets(before, from), after && whatItGets(after, to)]
  const whole = { path: route.path, oldPath: (before ?? route).path, what: `route '${route.id}'` }
  for (const difference of differences(old?.node, next?.node)) {
    const { change, at, isGone } = changeOf(difference, whole, [old?.node, next?.node])
    const [given, taken] = [sourceOf(difference, next?.sources), sourceOf(difference, old?.sources)]
    // What a pool says is told of the pool.
    if (given !== undefined && given === taken && given.startsWith('pools.')) continue
    const via = given ?? taken
    const source = isGone ? taken : given
    const [key = ''] = difference.keys
    const isMatch = before !== undefined && after !== undefined && MATCH_KEYS.includes(key)
    yield {
      at: source === undefined ? at : source + behindSource(difference),
      isGone,
      change: {
        ...change,
        ...(isMatch ? { risk: matchRisk(key, before, after) } : {}),
        route: route.id,
        ...(via === undefined ? {} : { via })
      }
    }
  }
}

// `.attempts` of `.retry.attempts`, where the source is `policies.slow.retry`.
function behindSource({ path, keys: [key = '', name = ''] }: Difference): string {
  return path.slice(key === 'timeouts' ? `.${key}.${name}`.length : `.${key}`.length)
}

/** What a route really gets. */
export interface Gets {
  readonly node: Node | undefined
  /** Where options come from that the route does not say itself, by key: `policies.slow.retry`. */
  readonly sources: ReadonlyMap<string, string>
}

/** Of a pool, they count for all of its routes together; said by a route, for it alone. */
const OWN_STATE: ReadonlySet<string> = new Set(['circuitBreaker', 'concurrency'])

/** What a route really gets, of itself, of its policies and of the top, in one spelling. */
export function whatItGets(route: RouteView, { config }: ConfigView): Gets {
  const { use: _use, timeout: _timeout, timeouts: _timeouts, hooks: _hooks, ...own } = route.config
  const all: Record<string, unknown> = { ...own, host: own.host ?? '*' }
  const sources = new Map<string, string>()
  for (const key of Object.keys(options) as OptionKey[]) {
    const given = route.given(key)
    if (given === undefined || (given.from === 'pool' && OWN_STATE.has(key))) continue
    all[key] = given.value
    if (given.from !== 'route') sources.set(key, given.path)
  }
  const limits: Record<string, unknown> = {}
  for (const name of Object.keys(DEFAULT_TIMEOUTS) as TimeoutName[]) {
    const given = route.timeout(name)
    if (given === undefined) continue
    limits[name] = given.value
    if (given.from !== 'route')
      sources.set(`timeouts.${name}`, given.path.replace(/\.timeout$/, '.timeouts.total'))
  }
  if (Object.keys(limits).length > 0) all.timeouts = limits
  all.hooks = hooksOf([config, ...route.policies.map((policy) => policy.config), route.config])
  return { node: nodeOf(all, routeShape), sources }
}

function hooksOf(layers: readonly Pick<RouteConfig, 'hooks'>[]): object | undefined {
  const hooks: Record<string, unknown[]> = {}
  for (const layer of layers)
    for (const [phase, given] of Object.entries(layer.hooks ?? {}))
      hooks[phase] = [...(hooks[phase] ?? []), ...[given].flat()]
  return Object.keys(hooks).length === 0 ? undefined : hooks
}

function sourceOf(
  { keys: [key = '', name = ''] }: Difference,
  sources?: ReadonlyMap<string, string>
): string | undefined {
  return sources?.get(key === 'timeouts' ? `timeouts.${name}` : key)
}
