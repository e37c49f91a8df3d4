import type {
  FallbackConfig,
  NativeRouteConfig,
  PolicyConfig,
  RouteConfig,
  ValueMatchConfig
} from '../config/config.js'
import type { ResolvedHooks, RouteHandler, RouteHooks } from '../config/hooks.js'
import { checkMethod } from '../config/method-check.js'
import type { Reason, ReasonTable } from '../config/reason.js'
import type { Pool } from '../model/pool.js'
import type { Fallback, RouteMatch, ValueMatch } from '../model/route.js'
import { isRegExpSource } from '../regex/regex.js'
import { isHeaderName } from './header-checks.js'

const FOREIGN_PARAMETERS = /\/[{<[]\.*(\w+)[}>\]](?=\/|$)/g
const FOREIGN_PARAMETER = new RegExp(FOREIGN_PARAMETERS.source)
const HOST_PATTERN =
  /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.?$|^\[[0-9a-f:.]+\]$/

/** What other routers take for any method. */
const ANY_METHOD = ['*', 'ALL', 'ANY']

/** Yields one sentence per problem of a route's conditions. */
export function* checkMatch(config: RouteConfig, at: string): Iterable<string> {
  const { path } = config
  if (path[0] === '~') {
    if (!isRegExpSource(path.slice(1))) yield `${at}.path: '${path}' is not a regular expression`
  } else if (FOREIGN_PARAMETER.test(path)) {
    yield `${at}.path: '${path}' has a parameter that is written another way here: '${path.replaceAll(FOREIGN_PARAMETERS, '/:$1')}'`
  } else if (path[0] !== '/') {
    yield `${at}.path: '${path}' must begin with '/', or with '~' for a regular expression`
  } else if (/\*(?!$)/.test(path) || /[^/]\*$/.test(path)) {
    yield `${at}.path: '${path}' may have '*' only as its last segment`
  } else if (/[?#\\\s]/.test(path) || path.includes('//') || /\/\.{1,2}(?:\/|$)/.test(path)) {
    yield `${at}.path: '${path}' must be a canonical path`
  }
  for (const host of list(config.host))
    if (host !== '*' && !HOST_PATTERN.test(host.toLowerCase()))
      yield `${at}.host: '${host}' must be a host name without port, or '*.' and a domain`
  for (const method of (config.methods ?? []) as readonly string[])
    if (ANY_METHOD.includes(method.toUpperCase()))
      yield `${at}.methods: '${method}' is no method; leave the key out for all of them`
    else yield* checkMethod(method, `${at}.methods`)
  for (const name of Object.keys(config.headers ?? {}))
    if (!isHeaderName(name)) yield `${at}.headers: '${name}' is no header name`
  for (const key of ['headers', 'query'] as const)
    for (const [name, match] of Object.entries(config[key] ?? {}))
      yield* checkValue(match, `${at}.${key}.${name}`)
}

function* checkValue(match: ValueMatchConfig, at: string): Iterable<string> {
  if (typeof match === 'string') return
  const kinds = (['exact', 'prefix', 'regex', 'exists'] as const).filter((kind) => match[kind] !== undefined)
  if (kinds.length !== 1) yield `${at}: give exactly one of exact, prefix, regex and exists`
  if (match.regex !== undefined && !isRegExpSource(match.regex))
    yield `${at}.regex: '${match.regex}' is not a regular expression`
}

/** The conditions of a checked route. */
export function resolveMatch(config: RouteConfig): RouteMatch {
  const { methods } = config
  const hosts = list(config.host).map((host) => host.toLowerCase().replace(/\.$/, ''))
  return {
    path: resolvePath(config.path),
    hosts: hosts.includes('*') ? [] : hosts,
    methods: methods?.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : (methods ?? null),
    headers: Object.entries(config.headers ?? {}).map(([name, match]) =>
      resolveValue(name.toLowerCase(), match)
    ),
    query: Object.entries(config.query ?? {}).map(([name, match]) => resolveValue(name, match)),
    priority: config.priority ?? 0,
    caseSensitive: config.caseSensitive ?? true,
    trailingSlash: config.trailingSlash ?? 'strict'
  }
}

function resolvePath(path: string): RouteMatch['path'] {
  if (path[0] === '~') return { kind: 'regex', value: path.slice(1) }
  if (path.endsWith('/*')) return { kind: 'prefix', value: path.slice(0, -2) }
  return { kind: 'exact', value: path }
}

function resolveValue(name: string, match: ValueMatchConfig): ValueMatch {
  if (typeof match === 'string') return { name, kind: 'exact', value: match, not: false }
  const { exact, prefix, regex, exists, not = false } = match
  if (exists !== undefined) return { name, kind: 'exists', value: '', not: exists === not }
  if (exact !== undefined) return { name, kind: 'exact', value: exact, not }
  if (prefix !== undefined) return { name, kind: 'prefix', value: prefix, not }
  return { name, kind: 'regex', value: regex as string, not }
}

/**
 * Policies left to right, then the route itself: the nearest one wins, key by key. Hooks add up, those of the
 * whole gateway first.
 */
export function mergeOptions(
  route: RouteConfig | NativeRouteConfig,
  policies: readonly PolicyConfig[],
  globalHooks: RouteHooks | undefined
): PolicyConfig & { readonly resolvedHooks: ResolvedHooks | null } {
  const layers: PolicyConfig[] = [...policies, route as PolicyConfig]
  const merged: PolicyConfig = {}
  for (const layer of layers) {
    const { timeout, timeouts, ...rest } = layer
    Object.assign(merged, defined(rest))
    merged.timeouts = { ...merged.timeouts, ...defined(timeouts ?? {}), ...defined({ total: timeout }) }
  }
  return { ...merged, resolvedHooks: mergeHooks([globalHooks, ...layers.map((layer) => layer.hooks)]) }
}

/** What a checked `fallback` does. */
export function resolveFallback(
  config: FallbackConfig | undefined,
  pools: ReadonlyMap<string, Pool>,
  reasons: ReasonTable
): Fallback | null {
  if (config === undefined) return null
  const { pool, respond, handler } = config
  const on = new Set(config.on ?? usual(reasons))
  if (pool !== undefined) return { on, action: { kind: 'pool', pool: pools.get(pool) as Pool } }
  if (respond !== undefined) return { on, action: { kind: 'respond', respond } }
  return { on, action: { kind: 'handler', handler: handler as RouteHandler } }
}

function usual(reasons: ReasonTable): Reason[] {
  return (Object.keys(reasons) as Reason[]).filter((name) => reasons[name].fallback)
}

// In JavaScript an option may be there and `undefined`, which must not hide what another layer says.
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** All hooks in order; `null` when there are none. */
export function mergeHooks(all: readonly (RouteHooks | undefined)[]): ResolvedHooks | null {
  const given = all.filter((hooks) => hooks !== undefined)
  if (given.length === 0) return null
  return {
    onRequest: given.flatMap((hooks) => list(hooks.onRequest)),
    preHandler: given.flatMap((hooks) => list(hooks.preHandler)),
    onSend: given.flatMap((hooks) => list(hooks.onSend)),
    onResponse: given.flatMap((hooks) => list(hooks.onResponse))
  }
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value as T]
}
