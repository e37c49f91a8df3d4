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
  type Prepared,
  type Snapshot,
  settingIn,
  toldError
} from '@gatewright/core'
import { type Forced, isOut } from './endpoint-state.js'
import { firstProbes } from './first-probes.js'
import { healthKey } from './keys.js'
import { type HealthContext, PoolHealth } from './pool-health.js'
import { probe } from './probe.js'
import { Prober } from './prober.js'
import { SlowStart } from './slow-start.js'
import type { ProbeOutcome } from './verdict.js'

/** An endpoint's state, for display and metrics. */
export interface EndpointReport {
  readonly pool: string
  readonly endpoint: string
  readonly health: EndpointHealth
  readonly draining: boolean
  /** The effective weight, including slow start. */
  readonly weight: number
  /** Set manually, or `null`. */
  readonly forced: Forced
}

/** What the probes before the first traffic of a pool have found. */
interface FirstProbes {
  readonly health: PoolHealth
  readonly outcomes: ReadonlyMap<Endpoint, ProbeOutcome>
}

/** The health of all endpoints: `app.health`. */
export class Health implements CandidateFilter, AttemptObserver {
  readonly name = 'health'
  readonly #gateway: Gateway
  readonly #context: HealthContext
  /** For the pools of all configurations in use. */
  readonly #pools = new WeakMap<Pool, PoolHealth>()
  /** For the pools of the current configuration, by id. */
  #current: ReadonlyMap<string, PoolHealth> = new Map()
  readonly #probers = new Map<string, Prober>()
  #probing = false

  constructor(gateway: Gateway, warn: (message: string) => void) {
    const { clock, chance, timers, events } = gateway
    this.#gateway = gateway
    const threw = ({ id }: Pool, error: unknown): void =>
      gateway.faults.warn(`the health check of pool '${id}'`, `threw ${toldError(error)}`, error)
    this.#context = { clock, chance, timers, events, slowStart: new SlowStart(clock, timers), warn, threw }
    events.on('pool_endpoints', ({ pool, added, removed }) => this.#changed(pool, added, removed))
  }

  /**
   * Overrides an endpoint's health; `null` removes the override. Throws GW_POOL_UNKNOWN,
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

  /** Prepares for the next configuration; its pools take over the state of pools with the same id. */
  prepare({ pools, stages }: Snapshot): Prepared | Promise<Prepared> {
    const next = new Map<string, PoolHealth>()
    for (const [id, pool] of pools) {
      const health = this.#current.get(id) ?? new PoolHealth(pool, this.#context)
      next.set(id, health)
      this.#pools.set(pool, health)
    }
    if (next.size > 0) {
      stages.filters.push(this)
      stages.observers.push(this)
    }
    const first = [...pools.values()].flatMap((pool) => this.#firstOf(pool, next.get(pool.id) as PoolHealth))
    if (first.length === 0) return { commit: () => this.#commit(pools, next) }
    return Promise.all(first).then((found) => ({
      commit: () => {
        this.#commit(pools, next)
        for (const one of found) this.#began(one)
      }
    }))
  }

  // Endpoints that nothing is known of.
  #firstOf(pool: Pool, health: PoolHealth): Promise<FirstProbes>[] {
    const settings = settingIn(healthKey, pool.config)
    if (settings?.probeFirst !== true) return []
    const isNew = (endpoint: Endpoint): boolean =>
      health.pool === pool ? !this.#current.has(pool.id) : !health.pool.endpoints.includes(endpoint)
    const fresh = pool.endpoints.filter((endpoint) => isNew(endpoint))
    if (fresh.length === 0) return []
    const probed = firstProbes(pool, fresh, settings, this.#context.timers, probe)
    return [probed.then((outcomes) => ({ health, outcomes }))]
  }

  #began({ health, outcomes }: FirstProbes): void {
    for (const [endpoint, { result, because, threw }] of outcomes) {
      if (threw !== undefined) this.#context.threw(health.pool, threw)
      if (health.pool.endpoints.includes(endpoint))
        health.probedFirst(endpoint, result, `first probe: ${because}`)
    }
  }

  /** Starts probing. */
  start(): void {
    this.#probing = true
    for (const [id, prober] of this.#probers) this.#begin(prober, this.#current.get(id) as PoolHealth)
  }

  stop(): void {
    this.#probing = false
    for (const prober of this.#probers.values()) prober.stop()
    for (const health of this.#current.values()) health.stop()
    this.#context.slowStart.stop()
  }

  #commit(pools: ReadonlyMap<string, Pool>, next: ReadonlyMap<string, PoolHealth>): void {
    for (const [id, health] of this.#current) {
      if (next.has(id)) continue
      health.stop()
      this.#stopProbing(id)
    }
    this.#current = next
    for (const [id, pool] of pools) {
      const health = next.get(id) as PoolHealth
      const before = health.pool
      if (before !== pool) health.use(pool)
      this.#probe(id, health, before)
    }
  }

  #probe(id: string, health: PoolHealth, before: Pool): void {
    const { pool } = health
    const settings = settingIn(healthKey, pool.config)
    const prober = this.#probers.get(id)
    if (settings === null) this.#stopProbing(id)
    else if (prober === undefined) {
      const made = new Prober(health, settings, this.#context)
      this.#probers.set(id, made)
      this.#begin(made, health)
    } else if (!pool.sameFor(before, healthKey.name)) prober.use(settings)
  }

  #begin(prober: Prober, { pool }: PoolHealth): void {
    if (this.#probing) for (const endpoint of pool.endpoints) prober.add(endpoint)
  }

  #stopProbing(id: string): void {
    this.#probers.get(id)?.stop()
    this.#probers.delete(id)
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

  // Also called for a pool that was removed or replaced; its endpoints are no longer probed.
  #changed(pool: Pool, added: readonly Endpoint[], removed: readonly Endpoint[]): void {
    const prober = this.#probers.get(pool.id)
    for (const endpoint of added) {
      this.#pools.get(pool)?.added(endpoint)
      if (this.#probing) prober?.add(endpoint)
    }
    for (const endpoint of removed) {
      prober?.remove(endpoint)
      this.#context.slowStart.end(endpoint)
    }
  }
}
