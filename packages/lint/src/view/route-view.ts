import { type Duration, durationMs, type PolicyConfig, type RouteConfig } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { PoolView } from './pool-view.js'

/** A value that a part of a configuration has, and where it stands. */
export interface Given<T = unknown> {
  readonly value: T
  /** `routes[3].retry`, `policies.slow.retry`. */
  readonly path: string
  readonly from: 'route' | 'policy' | 'pool' | 'gateway'
}

/** A named set of route options. */
export interface PolicyView {
  readonly id: string
  /** `policies.slow`. */
  readonly path: string
  readonly config: PolicyConfig
}

/** The keys that policies and routes have. */
export type OptionKey = Exclude<keyof PolicyConfig, 'timeout' | 'timeouts' | 'hooks'>

/** Keys that a route has of its pool when neither it nor its policies say anything. */
const OF_POOLS: ReadonlySet<string> = new Set(['retry', 'hedge', 'circuitBreaker', 'concurrency'])

/** Keys of the whole gateway that hold for routes that say nothing. */
const TOP_DEFAULTS: ReadonlySet<string> = new Set<OptionKey>([
  'auth',
  'authorize',
  'securityHeaders',
  'requireTls',
  'cors',
  'compression'
])

/** What a route answers with. */
export type Action = 'forward' | 'redirect' | 'respond' | 'handler'

/** The names of time limits. */
export type TimeoutName = keyof NonNullable<PolicyConfig['timeouts']>

/** A route with what it really gets: of itself, of its policies, of its pool, and of the top. */
export class RouteView {
  readonly index: number
  readonly id: string
  /** `routes[3]`. */
  readonly path: string
  readonly config: RouteConfig
  /** In the order of `use`. */
  readonly policies: readonly PolicyView[]
  readonly pool: PoolView | undefined
  readonly #top: GatewayServerConfig
  // What was looked up: eighty rules ask for the same.
  readonly #given = new Map<string, Given | undefined>()

  constructor(
    index: number,
    id: string,
    config: RouteConfig,
    policies: readonly PolicyView[],
    pools: ReadonlyMap<string, PoolView>,
    top: GatewayServerConfig
  ) {
    this.index = index
    this.id = id
    this.path = `routes[${index}]`
    this.config = config
    this.policies = policies
    this.#top = top
    const pool = this.given('pool')
    this.pool = pool === undefined ? undefined : pools.get(pool.value)
  }

  /** What it does with a request. */
  get action(): Action {
    const { redirect, respond, handler } = this.config
    if (redirect !== undefined) return 'redirect'
    if (respond !== undefined) return 'respond'
    return handler === undefined ? 'forward' : 'handler'
  }

  /** The value of a key that it gets, whole: its own, that of its last policy that has one, its pool's, that of the top. */
  given<K extends OptionKey>(key: K): Given<NonNullable<PolicyConfig[K]>> | undefined {
    type Value = Given<NonNullable<PolicyConfig[K]>> | undefined
    if (this.#given.has(key)) return this.#given.get(key) as Value
    const found = this.#find(key, (config) => config[key] ?? undefined)
    const given =
      found && ({ ...found, path: found.path === '' ? key : `${found.path}.${key}` } as NonNullable<Value>)
    this.#given.set(key, given)
    return given
  }

  /** A time limit that is given for it. */
  timeout(name: TimeoutName): Given<Duration> | undefined {
    const key = `timeouts.${name}`
    if (this.#given.has(key)) return this.#given.get(key) as Given<Duration> | undefined
    const found = this.#find('timeouts', ({ timeout, timeouts }) => {
      const value = timeouts?.[name]
      if (value !== undefined) return { value, key }
      return name === 'total' && timeout !== undefined ? { value: timeout, key: 'timeout' } : undefined
    })
    const given = found && { ...found, value: found.value.value, path: `${found.path}.${found.value.key}` }
    this.#given.set(key, given)
    return given
  }

  /** A time limit in milliseconds: the given one, else the default; 0 for none. */
  timeoutMs(name: TimeoutName): number {
    return durationMs(this.timeout(name)?.value ?? DEFAULT_TIMEOUTS[name]) ?? 0
  }

  // The nearest layer that has a value, and where the layer is.
  #find<T>(key: string, valueIn: (config: PolicyConfig) => T | undefined): Given<T> | undefined {
    const own = valueIn(this.config)
    if (own !== undefined) return { value: own, path: this.path, from: 'route' }
    for (let at = this.policies.length - 1; at >= 0; at--) {
      const { config, path } = this.policies[at] as PolicyView
      const value = valueIn(config)
      if (value !== undefined) return { value, path, from: 'policy' }
    }
    if (this.pool !== undefined && (OF_POOLS.has(key) || key === 'timeouts')) {
      const value = valueIn(this.pool.config as PolicyConfig)
      if (value !== undefined) return { value, path: this.pool.path, from: 'pool' }
    }
    if (!TOP_DEFAULTS.has(key)) return undefined
    const value = valueIn(this.#top as PolicyConfig)
    return value === undefined ? undefined : { value, path: '', from: 'gateway' }
  }
}

/** The time limits of a route that says nothing. */
export const DEFAULT_TIMEOUTS: Readonly<Record<TimeoutName, Duration>> = {
  connect: '5s',
  tlsHandshake: '5s',
  firstByte: '30s',
  idle: '60s',
  requestIdle: '30s',
  perTry: '0ms',
  total: '0ms'
}
