import type { EndpointConfig, PoolConfig } from '../config/config.js'
import { didYouMean } from '../config/nearest.js'
import { shownUrl } from '../config/shown-url.js'
import type { BalancingPolicy } from './balancing.js'
import { Departed } from './departed.js'
import { Endpoint, endpointUrl, hostOf } from './endpoint.js'
import { InvalidValueError, UnknownEndpointError } from './errors.js'
import type { Exchange } from './exchange.js'
import type { PoolSettings } from './settings.js'

/**
 * A named set of interchangeable endpoints, with its run-time controls. Changes take effect for the next
 * request; requests in flight finish where they are.
 */
export class Pool {
  readonly id: string
  readonly policy: BalancingPolicy
  readonly settings: PoolSettings
  /** As configured, for the plugins that have keys there. */
  readonly config: PoolConfig
  /** The policy is the user's own: whether it picks one of the candidates is checked. */
  readonly checksPicks: boolean
  /** Told of endpoints that came or left. */
  onChange: (added: readonly Endpoint[], removed: readonly Endpoint[]) => void = () => {}
  #endpoints: readonly Endpoint[]
  readonly #departed = new Departed()
  #candidates: readonly Endpoint[] | null = null

  constructor(
    id: string,
    endpoints: readonly Endpoint[],
    policy: BalancingPolicy,
    settings: PoolSettings,
    config: PoolConfig = {},
    checksPicks = false
  ) {
    this.id = id
    this.#endpoints = endpoints
    this.policy = policy
    this.settings = settings
    this.config = config
    this.checksPicks = config.balancing === policy || checksPicks
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

  /** In the order of the configuration. Empty only until discovery has found some. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints
  }

  /** Endpoints open for new requests, before the stages' filters. The same array until something changes. */
  get candidates(): readonly Endpoint[] {
    this.#candidates ??= this.endpoints.filter((endpoint) => endpoint.open)
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
    this.#candidates = null
  }

  /** No new requests for this endpoint; those in flight finish. Throws GW_ENDPOINT_UNKNOWN. */
  drain(url: string): void {
    this.endpoint(url).draining = true
    this.#candidates = null
  }

  /** The opposite of {@link drain}. */
  undrain(url: string): void {
    this.endpoint(url).draining = false
    this.#candidates = null
  }

  /**
   * Replaces the endpoints. Those that stay keep their state, and so do those that return; they get the weight given
   * here, unless one is set by hand. Those that leave are drained: requests in flight finish. URLs must be valid and
   * different.
   */
  replaceEndpoints(configs: readonly EndpointConfig[]): void {
    const known = new Map(this.#endpoints.map((endpoint) => [endpoint.url, endpoint]))
    const added: Endpoint[] = []
    this.#endpoints = configs.map((config) => {
      const { url, weight = 1, authority = '' } = typeof config === 'string' ? { url: config } : config
      const parsed = new URL(url)
      const name = endpointUrl(parsed)
      const host = hostOf(parsed, authority)
      const stays = known.get(name)
      // Under another name it may be another server: what is known of it, and its connections, are of no use.
      if (stays?.host === host) {
        known.delete(name)
        stays.list(weight)
        return stays
      }
      const returns = this.#departed.take(name, host)
      returns?.list(weight)
      const endpoint = returns ?? new Endpoint(this.id, new URL(name), weight, authority)
      added.push(endpoint)
      return endpoint
    })
    this.#candidates = null
    const removed = [...known.values()]
    for (const endpoint of removed) this.#departed.add(endpoint)
    if (added.length > 0 || removed.length > 0) this.onChange(added, removed)
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
