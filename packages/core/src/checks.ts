import type { BalancingPolicy, BalancingPolicyType } from './balancing.js'
import type {
  EndpointConfig,
  FallbackConfig,
  GatewayConfig,
  NativeRouteConfig,
  PolicyConfig,
  PoolConfig,
  RouteConfig
} from './config.js'
import { endpointUrl } from './endpoint.js'
import { isAuthority } from './host.js'
import { didYouMean } from './nearest.js'
import { compileValidator, schemaProblems } from './problems.js'
import { REASONS } from './reason.js'
import { checkRewrite } from './rewrite.js'
import type { RouteHooks } from './route.js'
import { checkMatch } from './route-config.js'
import { sizeBytes } from './size.js'
import { checkTlsMaterial } from './tls-material.js'
import { checkCidr } from './trust.js'

/** Balancing policies by name. */
export type PolicyTypes = ReadonlyMap<string, BalancingPolicyType>

/** Yields one sentence per problem that the schema cannot see. The configuration has the schema's shape. */
export function* checkConfig(config: GatewayConfig, types: PolicyTypes): Iterable<string> {
  for (const [id, pool] of Object.entries(config.pools ?? {})) yield* checkPool(pool, `pools.${id}`, types)
  for (const [id, policy] of Object.entries(config.policies ?? {}))
    yield* checkOptions(policy, `policies.${id}`, config)
  for (const [index, route] of (config.routes ?? []).entries())
    yield* checkRoute(route, `routes[${index}]`, config)
  yield* checkHooks(config.hooks, '')
  for (const [index, entry] of (config.trustedProxies ?? []).entries()) {
    const problem = checkCidr(entry)
    if (problem !== undefined) yield `trustedProxies[${index}]: ${problem}`
  }
}

function* checkPool(pool: PoolConfig, at: string, types: PolicyTypes): Iterable<string> {
  if (pool.endpoints === undefined && pool.discovery === undefined)
    yield `${at}: give 'endpoints', 'discovery' or both`
  yield* checkEndpoints(pool.endpoints ?? [], `${at}.endpoints`)
  yield* checkBalancing(pool.balancing, `${at}.balancing`, types)
  if (pool.tls !== undefined) yield* checkTlsMaterial(pool.tls, `${at}.tls`)
}

/** Yields the problems of a list of endpoints. */
export function* checkEndpoints(endpoints: readonly EndpointConfig[], at: string): Iterable<string> {
  const seen = new Set<string>()
  for (const [index, endpoint] of endpoints.entries()) {
    const { url, healthUrl = '', authority } = typeof endpoint === 'string' ? { url: endpoint } : endpoint
    const problem = checkUrl(url)
    if (problem !== undefined) yield `${at}[${index}]: '${url}' ${problem}`
    else if (seen.size === seen.add(endpointUrl(new URL(url))).size)
      yield `${at}[${index}]: '${url}' is listed twice`
    if (authority !== undefined) yield* checkAuthority(authority, `${at}[${index}].authority`)
    const probed = healthUrl === '' ? undefined : checkUrl(healthUrl)
    if (probed !== undefined) yield `${at}[${index}].healthUrl: '${healthUrl}' ${probed}`
  }
}

/** Yields the problem of a configured authority. */
export function* checkAuthority(text: string, at: string): Iterable<string> {
  if (!isAuthority(text))
    yield `${at}: '${text}' must be a host with an optional port, such as 'api.example.com:8443'`
}

/** What is wrong with an endpoint's URL, or `undefined`. */
export function checkUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "must be a URL such as 'http://10.0.0.1:8080'"
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not have a user or password'
  if (url.hash !== '') return 'must not have a fragment'
  return undefined
}

function* checkBalancing(
  balancing: PoolConfig['balancing'],
  at: string,
  types: PolicyTypes
): Iterable<string> {
  if (balancing === undefined || isPolicy(balancing)) return
  if (
    typeof balancing !== 'string' &&
    typeof (balancing as { readonly type?: unknown } | null)?.type !== 'string'
  ) {
    yield `${at}: must be a policy's name, an object with 'type', or an object with 'pick'`
    return
  }
  const { type: name, ...options } = typeof balancing === 'string' ? { type: balancing } : balancing
  const type = types.get(name)
  if (type === undefined) {
    yield `${at}: there is no balancing policy '${name}'${didYouMean(name, types.keys())}`
    return
  }
  if (type.schema !== undefined) yield* schemaProblems(compileValidator(type.schema), options, at)
  else for (const key of Object.keys(options)) yield `${at}: unknown key '${key}'; '${name}' has no options`
}

/** Whether a `balancing` value is a policy object rather than a name. */
export function isPolicy(balancing: unknown): balancing is BalancingPolicy {
  return (
    typeof balancing === 'object' &&
    balancing !== null &&
    typeof (balancing as BalancingPolicy).pick === 'function'
  )
}

function* checkRoute(route: RouteConfig, at: string, config: GatewayConfig): Iterable<string> {
  yield* checkMatch(route, at)
  yield* checkOptions(route, at, config)
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
  for (const id of 'use' in options ? (options.use ?? []) : [])
    if (!Object.hasOwn(policies, id))
      yield `${at}.use: there is no policy '${id}'${didYouMean(id, Object.keys(policies))}`
  if ('hooks' in options) yield* checkHooks(options.hooks, `${at}.`)
}

function* checkFallback(
  { on = [], pool, respond, handler }: FallbackConfig,
  at: string,
  pools: object
): Iterable<string> {
  if ([pool, respond, handler].filter((given) => given !== undefined).length !== 1)
    yield `${at}: give exactly one of pool, respond and handler`
  if (pool !== undefined && !Object.hasOwn(pools, pool))
    yield `${at}.pool: there is no pool '${pool}'${didYouMean(pool, Object.keys(pools))}`
  if (handler !== undefined && typeof handler !== 'function') yield `${at}.handler: must be a function`
  for (const reason of on)
    if (!Object.hasOwn(REASONS, reason))
      yield `${at}.on: there is no reason '${reason}'${didYouMean(reason, Object.keys(REASONS))}`
}

function* checkHooks(hooks: RouteHooks | undefined, at: string): Iterable<string> {
  for (const [phase, given] of Object.entries(hooks ?? {})) {
    if (!PHASES.includes(phase)) yield `${at}hooks: unknown phase '${phase}'${didYouMean(phase, PHASES)}`
    else if ([given].flat().some((hook) => typeof hook !== 'function'))
      yield `${at}hooks.${phase}: must be a function or a list of functions`
  }
}

const PHASES = ['onRequest', 'preHandler', 'onSend', 'onResponse']
