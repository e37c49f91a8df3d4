import type { EndpointConfig, PoolConfig } from '../config/config.js'
import { InvalidValueError, UnknownEndpointError } from '../config/errors.js'
import { didYouMean } from '../config/nearest.js'
import { sameConfig } from '../config/same-config.js'
import { shownUrl } from '../config/shown-url.js'
import type { BalancingPolicy } from './balancing.js'
import { Departed } from './departed.js'
import { Endpoint, endpointUrl, hostOf } from './endpoint.js'
import type { Exchange } from './exchange-type.js'
import type { PoolSettings } from './settings.js'

/** What the pools of one id have in common over all configurations. */
interface Shared {
  readonly departed: Departed
  /** Grows with every change by hand, so that each of them looks again which endpoints are open. */
  changes: number
}

/** The endpoints that came and left. */
export interface EndpointsChanged {
  readonly added: readonly Endpoint[]
  readonly removed: readonly Endpoint[]
}

/** Where a pool comes from. */
export interface PoolOrigin {
  /** The policy is the user's own. */
  readonly checksPicks?: boolean
  /**
   * A feature brings its endpoints: what it has brought stays when the pool changes, and until it has brought some, so do
   * those there were, where the pool lists none.
   */
  readonly supplied?: boolean
  /** The pool of this id in the configuration before. */
  readonly previous?: Pool | null
  /** See {@link Pool.source}. */
  readonly source?: unknown
}

/**
 * A named set of interchangeable endpoints, with its run-time controls. Changes take effect for the next
 * request; requests in flight finish where they are. A configuration that changes the pool makes a new one, which keeps
 * the endpoints that stay: ask for it by its id (`gateway.pool(id)`) each time.
 */
export class Pool {
  readonly id: string
  readonly policy: BalancingPolicy
  readonly settings: PoolSettings
  /** As configured, for the plugins that have keys there. */
  readonly config: PoolConfig
  /** A copy of its configuration: pools with equal configurations are one object. */
  readonly source: unknown
  /** The policy is the user's own: whether it picks one of the candidates is checked. */
  readonly checksPicks: boolean
  /** Notified of added and removed endpoints. */
  onChange: (added: readonly Endpoint[], removed: readonly Endpoint[]) => void = () => {}
  #endpoints: readonly Endpoint[]
  readonly #shared: Shared
  readonly #supplied: boolean
  /** Whether its endpoints are others than those of the configuration. */
  #found = false
  #candidates: readonly Endpoint[] | null = null
  #candidatesOf = -1

  constructor(
    id: string,
    endpoints: readonly Endpoint[],
    policy: BalancingPolicy,
    settings: PoolSettings,
    config: PoolConfig = {},
    { checksPicks = false, supplied = false, previous = null, source = config }: PoolOrigin = {}
  ) {
    this.id = id
    this.#endpoints = endpoints
    this.policy = policy
    this.settings = settings
    this.config = config
    this.source = source
    this.checksPicks = config.balancing === policy || checksPicks
    this.#supplied = supplied
    this.#shared = previous === null ? { departed: new Departed(), changes: 0 } : previous.#shared
  }

  /** The policy's own name, else the one it was configured by. */
  get policyName(): string {
    const { balancing } = this.config
    if (this.policy.name !== undefined) return this.policy.name
    return (
      (typeof balancing === 'string' ? balancing : (balancing as { type?: string })?.type) ?? 'without a name'
    )
  }

  /** What the pool's own configuration says for a key of that name; `undefined` for nothing. */
  given(name: string): unknown {
    return (this.config as Readonly<Record<string, unknown>>)[name]
  }

  /** Whether the configuration that `other` was made by says the same for the keys of these names. */
  sameFor(other: Pool, ...names: readonly string[]): boolean {
    const [own, its] = [this.source, other.source] as Readonly<Record<string, unknown>>[]
    return this === other || names.every((name) => sameConfig(own?.[name], its?.[name]))
  }

  /** In the order of the configuration. Empty only until discovery has found some. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints
  }

  /** Endpoints open for new requests, before the stages' filters. The same array until something changes. */
  get candidates(): readonly Endpoint[] {
    const { changes } = this.#shared
    if (this.#candidates === null || this.#candidatesOf !== changes) {
      this.#candidates = this.endpoints.filter((endpoint) => endpoint.open)
      this.#candidatesOf = changes
    }
    return this.#candidates
  }

  /** {@link candidates}, and the endpoint of the request's session if that one drains. */
  candidatesFor(exchange: Exchange): readonly Endpoint[] {
    const { candidates, endpoints, policy } = this
    if (policy.sessionOf === undefined || candidates.length === endpoints.length) return candidates
    const session = policy.sessionOf(endpoints, exchange)
    return session === null || session.open ? candidates : [...candidates, session]
  }

  /**
   * Sets an endpoint's weight by hand: an integer from 0 (drains) to 65535, which holds whatever discovery says; `null` for
   * the weight in the list again. Throws GW_VALUE_INVALID or GW_ENDPOINT_UNKNOWN.
   */
  setWeight(url: string, weight: number | null): void {
    if (weight !== null && (!Number.isInteger(weight) || weight < 0 || weight > 65_535))
      throw new InvalidValueError('weight', 'an integer from 0 to 65535, or null')
    this.endpoint(url).weigh(weight)
    this.#shared.changes++
  }

  /** No new requests for this endpoint; those in flight finish. Throws GW_ENDPOINT_UNKNOWN. */
  drain(url: string): void {
    this.endpoint(url).draining = true
    this.#shared.changes++
  }

  /** The opposite of {@link drain}. */
  undrain(url: string): void {
    this.endpoint(url).draining = false
    this.#shared.changes++
  }

  /**
   * Replaces the endpoints. Those that stay keep their state, and so do those that return; they get the weight given
   * here, unless one is set by hand. Those that leave are drained: requests in flight finish. URLs must be valid and
   * different. A change of the configuration keeps them until it changes the pool's `endpoints` or `discovery`.
   */
  replaceEndpoints(configs: readonly EndpointConfig[]): void {
    const { departed } = this.#shared
    const before = this.#endpoints
    this.#found = true
    this.#endpoints = this.resolve(configs)
    const { added, removed } = difference(before, this.#endpoints)
    for (const { url, host } of added) departed.take(url, host)
    for (const endpoint of removed) departed.add(endpoint)
    this.#weigh(configs)
    if (added.length > 0 || removed.length > 0) this.onChange(added, removed)
  }

  /**
   * The endpoints that a list names: those of this pool and those that left it, where their URL and host are the same, else
   * new ones. Changes nothing.
   */
  resolve(configs: readonly EndpointConfig[]): Endpoint[] {
    const { departed } = this.#shared
    const known = new Map(this.#endpoints.map((endpoint) => [endpoint.url, endpoint]))
    return configs.map((config) => {
      const { url, weight = 1, authority = '' } = typeof config === 'string' ? { url: config } : config
      const parsed = new URL(url)
      const name = endpointUrl(parsed)
      const host = hostOf(parsed, authority)
      const stays = known.get(name)
      // A different name may be a different server: its health and its connections do not carry over.
      if (stays?.host === host) return stays
      return departed.find(name, host) ?? new Endpoint(this.id, new URL(name), weight, authority)
    })
  }

  /**
   * Takes the place of `previous`, whose endpoints it was given. Those that it does not have get no new requests, but the
   * requests that began on `previous` still do. What came and left.
   */
  takeOver(previous: Pool): EndpointsChanged {
    // Endpoints set by hand hold until the list changes; those of discovery, while there is any.
    const stays = this.#supplied || this.sameFor(previous, 'endpoints')
    const found = previous.#found && this.#supplied === previous.#supplied && stays
    if (found || (this.#supplied && this.#endpoints.length === 0)) {
      this.#endpoints = previous.#endpoints
      this.#found = found
    }
    const { departed } = this.#shared
    const changed = difference(previous.#endpoints, this.#endpoints)
    for (const { url, host } of changed.added) departed.take(url, host)
    for (const endpoint of changed.removed) departed.add(endpoint, false)
    if (this.#endpoints !== previous.#endpoints) this.#weigh(this.config.endpoints ?? [])
    return changed
  }

  // Weights are those of the newest list.
  #weigh(configs: readonly EndpointConfig[]): void {
    for (const [index, config] of configs.entries())
      this.#endpoints[index]?.list(typeof config === 'string' ? 1 : (config.weight ?? 1))
    this.#shared.changes++
  }

  // One by the text that `explain` shows for it, as long as no other looks the same.
  #shownAs(text: string): Endpoint | undefined {
    const [found, other] = this.#endpoints.filter(({ shown }) => shown === text)
    return other === undefined ? found : undefined
  }

  /**
   * The endpoint with this URL, or that `explain` shows so (the values of its query as `***`). Throws GW_ENDPOINT_UNKNOWN, naming the nearest one.
   */
  endpoint(url: string): Endpoint {
    const name = URL.canParse(url) ? endpointUrl(new URL(url)) : url
    const found = this.#endpoints.find((endpoint) => endpoint.url === name) ?? this.#shownAs(url)
    if (found === undefined)
      throw new UnknownEndpointError(
        shownUrl(url),
        this.id,
        didYouMean(
          shownUrl(url),
          this.endpoints.map(({ shown }) => shown)
        )
      )
    return found
  }
}

function difference(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointsChanged {
  const [old, now] = [new Set(before), new Set(after)]
  return {
    added: after.filter((endpoint) => !old.has(endpoint)),
    removed: before.filter((endpoint) => !now.has(endpoint))
  }
}
