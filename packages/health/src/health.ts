import {
  type AttemptObserver,
  type AttemptRecord,
  type CandidateFilter,
  type Endpoint,
  type EndpointHealth,
  type Exchange,
  type Gateway,
  InvalidValueError,
  type Pool,
  type Snapshot,
  settingIn,
  toldError
} from '@gatewright/core'
import type { Forced } from './endpoint-state.js'
import { healthKey } from './keys.js'
import { type HealthContext, isOut, PoolHealth } from './pool-health.js'
import { Prober } from './prober.js'
import { SlowStart } from './slow-start.js'

/** An endpoint's state, for people and for metrics. */
export interface EndpointReport {
  readonly pool: string
  readonly endpoint: string
  readonly health: EndpointHealth
  readonly draining: boolean
  /** What policies go by now. */
  readonly weight: number
  /** Set by hand, or `null`. */
  readonly forced: Forced
}

/** The health of all endpoints: `app.health`. */
export class Health implements CandidateFilter, AttemptObserver {
  readonly name = 'health'
  readonly #gateway: Gateway
  readonly #context: HealthContext
  readonly #pools = new WeakMap<Pool, PoolHealth>()
  readonly #probers = new Map<Pool, Prober>()

  constructor(gateway: Gateway, warn: (message: string) => void) {
    const { clock, chance, timers, events } = gateway
    this.#gateway = gateway
    const threw = ({ id }: Pool, error: unknown): void =>
      gateway.faults.warn(`the health check of pool '${id}'`, `threw ${toldError(error)}`, error)
    this.#context = { clock, chance, timers, events, slowStart: new SlowStart(clock, timers), warn, threw }
    events.on('pool_endpoints', ({ pool, added, removed }) => this.#changed(pool, added, removed))
  }

  /**
   * Sets an endpoint's health by hand, whatever is seen; `null` takes that back. Throws GW_POOL_UNKNOWN,
   * GW_ENDPOINT_UNKNOWN or GW_VALUE_INVALID.
   */
  force(poolId: string, url: string, forced: Forced): void {
    if (forced !== null && forced !== 'up' && forced !== 'down')
      throw new InvalidValueError('health', "'up', 'down' or null")
    const pool = this.#gateway.pool(poolId)
    this.#pools.get(pool)?.force(pool.endpoint(url), forced)
  }

  /** The state of every endpoint. */
  states(): EndpointReport[] {
    return [...this.#gateway.snapshot.pools.values()].flatMap((pool) =>
      pool.endpoints.map((endpoint) => ({
        pool: pool.id,
        endpoint: endpoint.shown,
        health: endpoint.health,
        draining: endpoint.draining,
        weight: endpoint.weight,
        forced: this.#pools.get(pool)?.stateOf(endpoint).forced ?? null
      }))
    )
  }

  /** Takes over the pools of a snapshot. */
  compile({ pools }: Snapshot): void {
    for (const pool of pools.values()) {
      const health = new PoolHealth(pool, this.#context)
      this.#pools.set(pool, health)
      const settings = settingIn(healthKey, pool.config)
      if (settings !== null) this.#probers.set(pool, new Prober(health, settings, this.#context))
    }
  }

  /** Begins to probe. */
  start(): void {
    for (const [pool, prober] of this.#probers) for (const endpoint of pool.endpoints) prober.add(endpoint)
  }

  stop(): void {
    for (const prober of this.#probers.values()) prober.stop()
    this.#context.slowStart.stop()
  }

  accepts({ health }: Endpoint): boolean {
    return !isOut(health)
  }

  narrow(candidates: readonly Endpoint[], { pool }: Exchange): readonly Endpoint[] {
    const health = pool === null ? undefined : this.#pools.get(pool)
    return health === undefined ? candidates : health.usable.of(candidates)
  }

  explains(endpoint: Endpoint, pool: Pool): boolean | string {
    const { health } = endpoint
    if (!isOut(health)) return true
    return this.#pools.get(pool)?.usable.uses(endpoint, pool.candidates) === true || health
  }

  started(endpoint: Endpoint, { pool }: Exchange): void {
    if (pool !== null) this.#pools.get(pool)?.usable.started(endpoint)
  }

  ended(attempt: AttemptRecord, exchange: Exchange): void {
    if (exchange.pool !== null) this.#pools.get(exchange.pool)?.observe(attempt, exchange)
  }

  #changed(pool: Pool, added: readonly Endpoint[], removed: readonly Endpoint[]): void {
    const prober = this.#probers.get(pool)
    for (const endpoint of added) {
      this.#pools.get(pool)?.added(endpoint)
      prober?.add(endpoint)
    }
    for (const endpoint of removed) {
      prober?.remove(endpoint)
      this.#context.slowStart.end(endpoint)
    }
  }
}
