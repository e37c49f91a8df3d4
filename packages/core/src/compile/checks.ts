import type {
  FallbackConfig,
  GatewayConfig,
  NativeRouteConfig,
  PolicyConfig,
  RouteConfig
} from '../config/config.js'
import type { RouteHooks } from '../config/hooks.js'
import { PAUSE } from '../config/in-steps.js'
import type { Keys } from '../config/key-registry.js'
import { didYouMean } from '../config/nearest.js'
import { sizeBytes } from '../config/size.js'
import { checkCidr } from '../ingress/trust.js'
import { checkHeaderNames, checkRespond } from './header-checks.js'
import { checkPool, type PolicyTypes } from './pool-checks.js'
import { checkRewrite } from './rewrite.js'
import { checkEffect } from './route-checks.js'
import { checkMatch } from './route-config.js'

/** Yields one sentence per problem that the schema cannot see. The configuration has the schema's shape. */
export function* checkConfig(config: GatewayConfig, types: PolicyTypes, keys: Keys): Iterable<string> {
  yield* checkIds(config.pools, 'pools')
  yield* checkIds(config.policies, 'policies')
  yield* checkHeaderNames(config)
  for (const [id, pool] of Object.entries(config.pools ?? {}))
    yield* checkPool(pool, `pools.${id}`, types, keys)
  for (const [id, policy] of Object.entries(config.policies ?? {}))
    yield* checkOptions(policy, `policies.${id}`, config)
  for (const [index, route] of (config.routes ?? []).entries()) {
    yield* checkRoute(route, `routes[${index}]`, config)
    yield PAUSE
  }
  yield* checkHooks(config.hooks, '')
  for (const [index, entry] of (config.trustedProxies ?? []).entries()) {
    const problem = checkCidr(entry)
    if (problem !== undefined) yield `trustedProxies[${index}]: ${problem}`
  }
}

// In any number of encodings: all of them are refused in requests.
const ENCODED_SLASH = /^\/.*%(?:25)*(?:2f|5c)/i

function* checkRoute(route: RouteConfig, at: string, config: GatewayConfig): Iterable<string> {
  yield* checkMatch(route, at)
  if (config.paths?.encodedSlashes !== 'keep' && ENCODED_SLASH.test(route.path))
    yield `${at}.path: '${route.path}' can never match, as an encoded slash is refused; paths: { encodedSlashes: 'keep' } lets it in`
  yield* checkOptions(route, at, config)
  yield* checkEffect(route, route.path, at, config)
  if (route.respond !== undefined) yield* checkRespond(route.respond, `${at}.respond`)
  const own = (['redirect', 'respond', 'handler'] as const).filter((key) => route[key] !== undefined)
  if (own.length > 1 || (own.length === 1 && route.pool !== undefined))
    yield `${at}: give exactly one of pool, redirect, respond and handler`
  if (own.length === 0 && !hasPool(route, config))
    yield `${at}: give one of pool, redirect, respond and handler`
  if (route.handler !== undefined && typeof route.handler !== 'function')
    yield `${at}.handler: must be a function`
}

/** Yields the problems of a native route's options. */
export function* checkNative(route: NativeRouteConfig, at: string, config: GatewayConfig): Iterable<string> {
  yield* checkOptions(route, at, config)
  yield* checkEffect(route, at.slice(at.indexOf('/')), at, config)
  if (!hasPool(route, config)) yield `${at}: 'pool' is missing`
}

function hasPool(route: RouteConfig | NativeRouteConfig, { policies = {} }: GatewayConfig): boolean {
  return (
    route.pool !== undefined ||
    (route.use ?? []).some((id) => Object.hasOwn(policies, id) && policies[id]?.pool !== undefined)
  )
}

function* checkOptions(
  options: PolicyConfig | RouteConfig | NativeRouteConfig,
  at: string,
  { pools = {}, policies = {} }: GatewayConfig
): Iterable<string> {
  if (options.pool !== undefined && !Object.hasOwn(pools, options.pool))
    yield `${at}.pool: there is no pool '${options.pool}'${didYouMean(options.pool, Object.keys(pools))}`
  if (options.timeout !== undefined && options.timeouts?.total !== undefined)
    yield `${at}: 'timeout' is short for 'timeouts.total'; give one of them`
  if (typeof options.bodyLimit === 'string' && sizeBytes(options.bodyLimit) === 0)
    yield `${at}.bodyLimit: '${options.bodyLimit}' must be at least 1B, or false for no limit`
  if (options.fallback !== undefined) yield* checkFallback(options.fallback, `${at}.fallback`, pools)
  if (options.rewrite !== undefined) yield* checkRewrite(options.rewrite, `${at}.rewrite`)
  const use = 'use' in options ? (options.use ?? []) : []
  for (const [index, id] of use.entries())
    if (use.indexOf(id) !== index) yield `${at}.use: '${id}' is there twice`
    else if (!Object.hasOwn(policies, id))
      yield `${at}.use: there is no policy '${id}'${didYouMean(id, Object.keys(policies))}`
  if ('hooks' in options) yield* checkHooks(options.hooks, `${at}.`)
}

function* checkFallback(
  { pool, respond, handler }: FallbackConfig,
  at: string,
  pools: object
): Iterable<string> {
  if ([pool, respond, handler].filter((given) => given !== undefined).length !== 1)
    yield `${at}: give exactly one of pool, respond and handler`
  if (pool !== undefined && !Object.hasOwn(pools, pool))
    yield `${at}.pool: there is no pool '${pool}'${didYouMean(pool, Object.keys(pools))}`
  if (respond !== undefined) yield* checkRespond(respond, `${at}.respond`)
  if (handler !== undefined && typeof handler !== 'function') yield `${at}.handler: must be a function`
}

// `__proto__` in an object literal is no key: it says what the object inherits from.
function* checkIds(byId: object | undefined, at: string): Iterable<string> {
  if (byId === undefined) return
  for (const id of Object.keys(byId))
    if (id === '' || id === '__proto__') yield `${at}: '${id}' cannot be an id; choose another one`
  if (Object.keys(Object.getPrototypeOf(byId) ?? {}).length > 0)
    yield `${at}: '__proto__' cannot be an id; choose another one`
}

function* checkHooks(hooks: RouteHooks | undefined, at: string): Iterable<string> {
  for (const [phase, given] of Object.entries(hooks ?? {})) {
    if (!PHASES.includes(phase)) yield `${at}hooks: unknown phase '${phase}'${didYouMean(phase, PHASES)}`
    else if ([given].flat().some((hook) => typeof hook !== 'function'))
      yield `${at}hooks.${phase}: must be a function or a list of functions`
  }
}

const PHASES = ['onRequest', 'preHandler', 'onSend', 'onResponse']
