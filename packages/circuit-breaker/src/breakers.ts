import {
  type AttemptGate,
  type AttemptObserver,
  type AttemptRecord,
  type Endpoint,
  type Exchange,
  type Gateway,
  GatewayError,
  type InSteps,
  InvalidValueError,
  measuredMs,
  type Pool,
  type Prepared,
  type Reset,
  type Route,
  type RouteSlot,
  type Snapshot,
  settingIn,
  verdictOf
} from '@gatewright/core'
import { Breaker } from './breaker.js'
import { type KeptBreakers, keep, readCounts, readKept } from './kept.js'
import { breakerKey, hasOwnBreaker } from './keys.js'
import { CIRCUIT_OPEN } from './reasons.js'
import type { BreakerSettings } from './settings.js'
import type { BreakerKind } from './state.js'

/** Ties a running attempt to the breaker that admitted it. The passes of one exchange form a linked list. */
interface Pass {
  readonly breaker: Breaker
  readonly generation: number
  /** The attempt's number. */
  readonly number: number
  next: Pass | null
}

/** A breaker with its pool and route in the current configuration. */
interface Owned {
  readonly breaker: Breaker
  readonly pool: Pool
  /** `null` for the breaker of the pool. */
  readonly routeId: string | null
  readonly settings: BreakerSettings
}

/** The breakers of all pools and routes: `app.circuitBreakers`. */
export class Breakers implements AttemptGate, AttemptObserver {
  readonly name = 'circuit breaker'
  readonly #gateway: Gateway
  #byKey: ReadonlyMap<string, Owned> = new Map()
  readonly #ofPool = new WeakMap<Pool, Breaker>()
  readonly #ofRoute: RouteSlot<Breaker | null>
  readonly #slot: number
  readonly #stateSlot: number
  // The breaker that admitted the attempt about to start: `enter` and `started` run synchronously.
  #entering: Breaker | null = null
  #generation = 0

  constructor(gateway: Gateway) {
    this.#gateway = gateway
    this.#ofRoute = gateway.claimRouteSlot()
    this.#slot = gateway.claimSlot()
    this.#stateSlot = gateway.claimSlot()
  }

  /** Prepares the breakers of the next configuration: breakers in both keep their state and get the new settings. */
  *prepare({ pools, routes, native, stages }: Snapshot): InSteps<Prepared> {
    const next = new Map<string, Owned>()
    const reset: Reset[] = []
    const own = (key: string, owner: Omit<Owned, 'breaker'>): Breaker => {
      const before = this.#byKey.get(key)
      // The state of a route's breaker is not valid for another pool.
      const stays = before?.pool.id === owner.pool.id
      if (before !== undefined && !stays)
        reset.push({
          pool: owner.pool.id,
          what: `circuit breaker of ${key}`,
          because: 'the route has another pool'
        })
      const breaker = stays ? before.breaker : this.#create(key, owner.settings)
      next.set(key, { ...owner, breaker })
      return breaker
    }
    for (const pool of pools.values()) {
      const settings = settingIn(breakerKey, pool.config)
      if (settings !== null) this.#ofPool.set(pool, own(`pool ${pool.id}`, { pool, routeId: null, settings }))
    }
    for (const route of [...routes, ...native.values()]) {
      yield
      const { id, pool } = route
      if (pool === null || !hasOwnBreaker(route)) continue
      const settings = route.setting(breakerKey)
      const breaker = settings === null ? null : own(`route ${id}`, { pool, routeId: id, settings })
      this.#ofRoute.set(route, breaker)
    }
    if (next.size > 0) {
      stages.gates.push(this)
      stages.observers.push(this)
    }
    return {
      reset,
      commit: () => {
        this.#byKey = next
        const now = this.#gateway.clock()
        for (const { breaker, settings } of next.values()) breaker.follow(settings, now)
      }
    }
  }

  enter(pool: Pool, exchange: Exchange): GatewayError | null {
    const breaker = this.#for(pool, exchange.route)
    this.#entering = null
    if (breaker === null) return null
    const generation = breaker.enter()
    exchange.setSlot(this.#stateSlot, breaker.state.kind)
    if (generation !== -1) {
      this.#entering = breaker
      this.#generation = generation
      return null
    }
    if (breaker.settings.observe) {
      if (exchange.observed?.includes('circuit_open')) return null
      exchange.observe('circuit_open')
      this.#gateway.events.emit('observed', {
        exchange,
        reason: 'circuit_open',
        because: `pool '${pool.id}'`
      })
      return null
    }
    const headers = { 'x-proxy-circuit-open': 'true', 'retry-after': String(breaker.retryAfter) }
    return new GatewayError(CIRCUIT_OPEN, { detail: `pool '${pool.id}'`, headers })
  }

  left(): void {
    this.#entering?.settle(this.#generation, 'neutral', null, this.#gateway.clock())
    this.#entering = null
  }

  explains(pool: Pool, route: Route): string | null {
    const breaker = this.#for(pool, route)
    if (breaker === null || breaker.settings.observe || !breaker.isShut) return null
    return `open for ${breaker.retryAfter} s more`
  }

  started(_endpoint: Endpoint, exchange: Exchange): void {
    const breaker = this.#entering
    if (breaker === null) return
    this.#entering = null
    const next = (exchange.slot(this.#slot) as Pass | undefined) ?? null
    const number = exchange.attempts.at(-1)?.number ?? 0
    exchange.setSlot(this.#slot, { breaker, generation: this.#generation, number, next } satisfies Pass)
  }

  // Half open, an endless stream must not occupy a trial slot: the head settles the attempt.
  answered(attempt: AttemptRecord, exchange: Exchange): void {
    for (let pass = this.#passes(exchange); pass !== null; pass = pass.next)
      if (pass.number === attempt.number && pass.breaker.state.kind === 'half_open') {
        this.ended(attempt, exchange)
        return
      }
  }

  ended(attempt: AttemptRecord, exchange: Exchange): void {
    let before: Pass | null = null
    for (let pass = this.#passes(exchange); pass !== null; pass = pass.next) {
      if (pass.number === attempt.number) {
        if (before === null) exchange.setSlot(this.#slot, pass.next)
        else before.next = pass.next
        const at = attempt.endedAt || attempt.headAt
        pass.breaker.settle(pass.generation, verdictOf(attempt), measuredMs(attempt), at)
        return
      }
      before = pass
    }
  }

  /** State of the breaker that an exchange consulted last; `null` if it consulted none. */
  seenBy(exchange: Exchange): BreakerKind | null {
    return (exchange.slot(this.#stateSlot) as BreakerKind | undefined) ?? null
  }

  /** State of a pool's breaker; `null` when it has none. Throws GW_POOL_UNKNOWN. */
  state(poolId: string): BreakerKind | null {
    return this.#ofPool.get(this.#gateway.pool(poolId))?.state.kind ?? null
  }

  /** The state of every breaker, by `pool <id>` or `route <id>`. `observing`: in observe mode, which admits every request. */
  states(): { readonly key: string; readonly state: BreakerKind; readonly observing: boolean }[] {
    return [...this.#byKey].map(([key, { breaker, settings }]) => ({
      key,
      state: breaker.state.kind,
      observing: settings.observe
    }))
  }

  /** All state as JSON; times are relative, so that another process can take it over. */
  exportState(): KeptBreakers {
    const now = this.#gateway.clock()
    return Object.fromEntries(
      [...this.#byKey].map(([key, { breaker }]) => [key, keep(breaker.state, breaker.counts, now)])
    )
  }

  /** Restores what {@link exportState} returned. Breakers that no longer exist are ignored. Throws GW_VALUE_INVALID. */
  restore(kept: unknown): void {
    if (typeof kept !== 'object' || kept === null) throw new InvalidValueError('snapshot', 'an object')
    const now = this.#gateway.clock()
    const states = Object.entries(kept).map(
      ([key, value]) => [key, readKept(key, value, now), readCounts(key, value)] as const
    )
    for (const [key, state, counts] of states) this.#byKey.get(key)?.breaker.restore(state, counts)
  }

  #passes(exchange: Exchange): Pass | null {
    return (exchange.slot(this.#slot) as Pass | null | undefined) ?? null
  }

  #for(pool: Pool, route: Route | null): Breaker | null {
    const own = route === null ? undefined : this.#ofRoute.of(route)
    // A fallback pool uses its own breaker, not the one of the route.
    if (own !== undefined && route?.pool === pool) return own
    return this.#ofPool.get(pool) ?? null
  }

  // A breaker that is no longer configured emits no events.
  #create(key: string, settings: BreakerSettings): Breaker {
    const { clock, chance, events } = this.#gateway
    const breaker: Breaker = new Breaker(settings, clock, chance, (from, to, because) => {
      const owned = this.#byKey.get(key)
      if (owned?.breaker !== breaker) return
      const { pool, routeId } = owned
      events.emit('breaker', { pool, routeId, from, to, because })
    })
    return breaker
  }
}
