import type { EndpointConfig, PoolConfig } from '../config/config.js'
import { isAuthority } from '../config/host.js'
import type { Keys } from '../config/key-registry.js'
import type { Key } from '../config/keys.js'
import { didYouMean } from '../config/nearest.js'
import { officialOwner } from '../config/official-keys.js'
import { compileValidator, schemaProblems } from '../config/problems.js'
import { shownUrl } from '../config/shown-url.js'
import { checkTlsMaterial } from '../config/tls-material.js'
import type { BalancingPolicy, BalancingPolicyType } from '../model/balancing.js'
import { endpointUrl } from '../model/endpoint.js'

/** The policies of `@gatewright/balancing`, which core does not know. */
const BALANCING: readonly string[] = [
  'p2c',
  'round-robin',
  'weighted-round-robin',
  'least-connections',
  'peak-ewma',
  'consistent-hash',
  'random',
  'sticky'
]

/** Balancing policies by name. */
export type PolicyTypes = ReadonlyMap<string, BalancingPolicyType>

/** Yields the problems of a pool. */
export function* checkPool(pool: PoolConfig, at: string, types: PolicyTypes, keys: Keys): Iterable<string> {
  // What the plugin that is missing would say is not known.
  const isKnown = !lacksPlugin(pool, keys)
  const isSupplied = suppliedBy(pool, keys)
  if (pool.endpoints === undefined && !isSupplied && isKnown) yield `${at}: give ${sourcesOf(keys)}`
  yield* checkEndpoints(pool.endpoints ?? [], `${at}.endpoints`)
  const closed = pool.endpoints?.every((endpoint) => typeof endpoint === 'object' && endpoint.weight === 0)
  if (closed === true && !isSupplied)
    yield `${at}.endpoints: all weights are 0, so that no endpoint gets a request; give one of them more`
  const { max = 1_024, perClient = 0 } = pool.connections ?? {}
  if (perClient >= max)
    yield `${at}.connections.perClient: ${perClient} is not less than 'max' (${max}), so one client could have all; lower it`
  yield* checkBalancing(pool.balancing, `${at}.balancing`, types)
  if (pool.tls === undefined) return
  if (isKnown && !mayBeSecure(pool, keys))
    yield `${at}.tls: no endpoint is reached by https; begin its URL with https://`
  yield* checkTlsMaterial(pool.tls, `${at}.tls`)
}

function mayBeSecure(pool: PoolConfig, keys: Keys): boolean {
  const isSecure = (url: string): boolean => /^https:/i.test(url)
  const { endpoints = [] } = pool
  return (
    endpoints.some((endpoint) => isSecure(typeof endpoint === 'string' ? endpoint : endpoint.url)) ||
    givenIn(pool, keys).some(([key, value]) => key.mayUseTls?.(value, pool as Layer) === true)
  )
}

/** Whether a key of a feature brings endpoints, so that none need be listed. */
export function suppliedBy(pool: PoolConfig, keys: Keys): boolean {
  return givenIn(pool, keys).some(([{ suppliesEndpoints }]) => suppliesEndpoints === true)
}

type Layer = Readonly<Record<string, unknown>>

function givenIn(pool: PoolConfig, keys: Keys): (readonly [key: Key, value: unknown])[] {
  return [...keys.at('pool').values()].flatMap((key) => {
    const value = (pool as Layer)[key.name]
    return value === undefined ? [] : [[key, value] as const]
  })
}

function lacksPlugin(pool: PoolConfig, keys: Keys): boolean {
  const isLacking = (name: string): boolean =>
    !keys.at('pool').has(name) && officialOwner('pool', name) !== undefined
  return Object.entries(pool).some(([name, value]) => value !== undefined && isLacking(name))
}

// What a pool's endpoints may come from.
function sourcesOf(keys: Keys): string {
  const suppliers = [...keys.at('pool').values()].filter(({ suppliesEndpoints }) => suppliesEndpoints)
  const names = ['endpoints', ...suppliers.map(({ name }) => name)].map((name) => `'${name}'`)
  return names.length === 1 ? `${names}` : `${names.join(', ')} or both`
}

/** Yields the problems of a list of endpoints. */
export function* checkEndpoints(endpoints: readonly EndpointConfig[], at: string): Iterable<string> {
  const seen = new Set<string>()
  for (const [index, endpoint] of endpoints.entries()) {
    const { url, healthUrl = '', authority } = typeof endpoint === 'string' ? { url: endpoint } : endpoint
    const problem = checkUrl(url)
    if (problem !== undefined) yield `${at}[${index}]: '${shownUrl(url)}' ${problem}`
    else if (seen.size === seen.add(endpointUrl(new URL(url))).size)
      yield `${at}[${index}]: '${shownUrl(url)}' is listed twice`
    if (authority !== undefined) yield* checkAuthority(authority, `${at}[${index}].authority`)
    const probed = healthUrl === '' ? undefined : checkUrl(healthUrl)
    if (probed !== undefined) yield `${at}[${index}].healthUrl: '${shownUrl(healthUrl)}' ${probed}`
  }
}

/** Yields the problem of a configured authority. */
export function* checkAuthority(text: string, at: string): Iterable<string> {
  if (!isAuthority(text))
    yield `${at}: '${text}' must be a host with an optional port, such as 'api.example.com:8443'`
}

/** The problem of an endpoint's URL, or `undefined`. */
export function checkUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "must be a URL such as 'http://10.0.0.1:8080'"
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not have a user or password'
  if (url.port === '0') return 'must have a port from 1 to 65535'
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
    yield BALANCING.includes(name)
      ? `${at}: '${name}' needs the plugin '@gatewright/balancing'`
      : `${at}: there is no balancing policy '${name}'${didYouMean(name, types.keys())}`
    return
  }
  if (type.schema !== undefined) yield* schemaProblems(compileValidator(type.schema), options, at)
  else for (const key of Object.keys(options)) yield `${at}: unknown key '${key}'; '${name}' has no options`
}

/** Whether a `balancing` value names a policy that is neither core's nor of `@gatewright/balancing`. */
export function isOwn(balancing: PoolConfig['balancing']): boolean {
  if (balancing === undefined) return false
  const name = typeof balancing === 'string' ? balancing : (balancing as { readonly type?: string }).type
  return name === undefined || (name !== 'first' && !BALANCING.includes(name))
}

/** Whether a `balancing` value is a policy object rather than a name. */
export function isPolicy(balancing: unknown): balancing is BalancingPolicy {
  return (
    typeof balancing === 'object' &&
    balancing !== null &&
    typeof (balancing as BalancingPolicy).pick === 'function'
  )
}
