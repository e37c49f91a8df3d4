import {
  type AttemptRecord,
  type Cancel,
  type Chance,
  type Clock,
  type Endpoint,
  type Events,
  type Exchange,
  foundNoConnection,
  measuredMs,
  type Pool,
  settingIn,
  type Timers,
  verdictOf
} from '@gatewright/core'
import type { ProbeResult } from './config/callbacks.js'
import { mayEject } from './ejection.js'
import { EndpointState, type Forced, isOut } from './endpoint-state.js'
import { healthKey, outlierKey, slowStartKey, unhealthyKey } from './keys.js'
import { afterProbe, UNPROBED } from './probe-streak.js'
import { REST_MS, relief } from './relief.js'
import type { OutlierSettings, ProbeSettings, SlowStartSettings } from './settings.js'
import type { SlowStart } from './slow-start.js'
import { Usable } from './usable.js'
import { outliersIn } from './window-judgement.js'

/** Dependencies shared by all pools. */
export interface HealthContext {
  readonly clock: Clock
  readonly chance: Chance
  readonly timers: Timers
  readonly events: Events
  readonly slowStart: SlowStart
  /** Logs a warning about invalid results of user code. */
  readonly warn: (message: string) => void
  /** Called each time a user-supplied check throws. */
  readonly threw: (pool: Pool, error: unknown) => void
}

/**
 * Health of the endpoints of one pool id, from traffic and probes, across configurations. Requests on an older configuration
 * use the settings of the newest.
 */
export class PoolHealth {
  readonly usable: Usable
  readonly #context: HealthContext
  readonly #states = new WeakMap<Endpoint, EndpointState>()
  /** Cancel the timers for the ends of ejections. */
  readonly #ends = new Map<Endpoint, Cancel>()
  #pool: Pool
  #outliers: OutlierSettings | null
  #slowStart: SlowStartSettings | null
  #windowEnd = 0
  #relievedAt = Number.NEGATIVE_INFINITY

  constructor(pool: Pool, context: HealthContext) {
    const { config } = pool
    this.#pool = pool
    this.#context = context
    this.#outliers = settingIn(outlierKey, config)
    this.#slowStart = settingIn(slowStartKey, config)
    this.usable = new Usable(
      settingIn(unhealthyKey, config),
      context.clock,
      (endpoint) => this.stateOf(endpoint).probe.health !== 'unhealthy'
    )
  }

  /** The pool of the newest configuration. */
  get pool(): Pool {
    return this.#pool
  }

  /** Switches to another pool of the same id. */
  use(pool: Pool): void {
    const { clock, slowStart } = this.#context
    const { config } = pool
    this.#pool = pool
    this.#outliers = settingIn(outlierKey, config)
    this.#slowStart = settingIn(slowStartKey, config)
    this.usable.use(settingIn(unhealthyKey, config))
    if (this.#outliers !== null)
      this.#windowEnd = Math.min(this.#windowEnd, clock() + this.#outliers.windowMs)
    for (const endpoint of pool.endpoints) {
      this.#forget(endpoint)
      slowStart.use(endpoint, this.#slowStart)
    }
  }

  /** The pool was removed: stops probes and timers. */
  stop(): void {
    this.#outliers = null
    for (const cancel of this.#ends.values()) cancel()
    this.#ends.clear()
  }

  stateOf(endpoint: Endpoint): EndpointState {
    let state = this.#states.get(endpoint)
    if (state === undefined) {
      state = new EndpointState()
      this.#states.set(endpoint, state)
    }
    return state
  }

  /** An endpoint added after the start begins with slow start. */
  added(endpoint: Endpoint): void {
    this.usable.changed()
    this.#forget(endpoint)
    if (this.#slowStart !== null) this.#context.slowStart.begin(endpoint, this.#slowStart)
  }

  /** Overrides the health: up or down, or `null` to remove the override. Up also ends an ejection. */
  force(endpoint: Endpoint, forced: Forced): void {
    const state = this.stateOf(endpoint)
    state.forced = forced
    if (forced === 'up') state.ejection.end(this.#context.clock())
    this.#refresh(endpoint, forced === null ? 'manual override removed' : `set ${forced} manually`)
  }

  /** Records the result of a probe. */
  probed(endpoint: Endpoint, result: ProbeResult, because: string, settings: ProbeSettings): void {
    const state = this.stateOf(endpoint)
    const before = state.probe.health
    state.probe = afterProbe(state.probe, result, settings)
    if (state.probe.health !== before) this.usable.changed()
    this.#refresh(endpoint, because)
  }

  /** Records the result of the probe before its first traffic: one is enough. */
  probedFirst(endpoint: Endpoint, result: ProbeResult, because: string): void {
    this.stateOf(endpoint).probe = { health: result, streak: 0 }
    this.usable.changed()
    this.#refresh(endpoint, because)
  }

  /** Records the result of an attempt. */
  observe(attempt: AttemptRecord, exchange: Exchange): void {
    const settings = this.#outliers
    if (settings === null) return
    const verdict = attempt.overdue ? 'fault' : verdictOf(attempt)
    const { endpoint, failure, endedAt, overShare } = attempt
    if (verdict === 'neutral') {
      if (attempt.superseded) this.stateOf(endpoint).line.answered(attempt)
      if (!foundNoConnection(failure) || overShare) return
      const state = this.stateOf(endpoint)
      const stands = state.line.refused(endedAt, settings.consecutiveLocalErrors)
      if (stands !== null) this.#eject(endpoint, state, stands, settings, exchange)
      return
    }
    const state = this.stateOf(endpoint)
    if (failure === null) state.line.answered(attempt)
    const because = state.streaks.count(attempt, verdict, settings)
    if (because !== null) this.#eject(endpoint, state, because, settings, exchange)
    if (settings.errorRate === 0 && settings.latencyFactor === 0) return
    state.window.add(verdict === 'fault', measuredMs(attempt), this.#context.chance)
    this.#judgeWindows(settings, exchange, attempt.endedAt)
  }

  #judgeWindows(settings: OutlierSettings, exchange: Exchange, now: number): void {
    if (now < this.#windowEnd) return
    const first = this.#windowEnd === 0
    this.#windowEnd = now + settings.windowMs
    if (first) return
    const stateOf = (endpoint: Endpoint): EndpointState => this.stateOf(endpoint)
    for (const { endpoint, because } of outliersIn(this.pool.endpoints, stateOf, settings))
      this.#eject(endpoint, this.stateOf(endpoint), because, settings, exchange)
  }

  #eject(
    endpoint: Endpoint,
    state: EndpointState,
    because: string,
    settings: OutlierSettings,
    exchange: Exchange
  ): void {
    const { clock, events } = this.#context
    const now = clock()
    // Results during an override must not eject the endpoint once the override is removed: others may be ejected by then.
    if (state.forced !== null || state.ejection.isOn(now)) return
    const { endpoints } = this.pool
    const out = endpoints.filter((other) => this.stateOf(other).ejection.isOn(now)).length
    const usable = endpoints.filter((other) => other.open && !isOut(other.health)).length
    const may = mayEject(out, usable, endpoints.length, settings.maxEjected)
    if (!may && (out === 0 || !this.#relieve(endpoint, now))) return
    state.streaks.reset()
    state.line.reset()
    state.slowWindows = 0
    if (!may) return
    if (settings.observe) {
      events.emit('observed', { exchange, reason: null, because: `${endpoint.name} ejected: ${because}` })
      return
    }
    state.ejection.begin(now, settings)
    const { lengthMs } = state.ejection
    this.#refresh(endpoint, `${because}; for ${lengthMs / 1_000} s`)
    this.#awaitEnd(endpoint, state)
  }

  // When the remaining endpoints fail too, ejected ones may work again. The failing endpoint stays for now: the next faults
  // decide which of both is ejected.
  #relieve(failing: Endpoint, now: number): boolean {
    const { endpoints } = this.pool
    if (!failing.open || isOut(failing.health) || now - this.#relievedAt < REST_MS) return false
    if (!endpoints.includes(failing)) return false
    const back = relief(endpoints, (endpoint) => this.stateOf(endpoint), now)
    if (back === null) return false
    this.#relievedAt = now
    this.stateOf(back).ejection.forgive(now)
    this.#refresh(back, 'readmitted, because other endpoints fail too')
    return true
  }

  // Timers may fire slightly early.
  #awaitEnd(endpoint: Endpoint, { ejection }: EndpointState): void {
    const { clock, timers } = this.#context
    this.#ends.get(endpoint)?.()
    const cancel = timers.after(Math.max(1, Math.ceil(ejection.until - clock())), () => {
      this.#ends.delete(endpoint)
      if (ejection.isOn(clock())) this.#awaitEnd(endpoint, this.stateOf(endpoint))
      else this.#refresh(endpoint, 'the ejection has ended')
    })
    this.#ends.set(endpoint, cancel)
  }

  // Drops state of checks that are no longer configured.
  #forget(endpoint: Endpoint): void {
    const state = this.stateOf(endpoint)
    if (settingIn(healthKey, this.#pool.config) === null) state.probe = UNPROBED
    if (this.#outliers === null) state.forgetTraffic()
    if (this.#outliers === null || this.#outliers.observe) {
      state.ejection.end(this.#context.clock())
      this.#ends.get(endpoint)?.()
      this.#ends.delete(endpoint)
    }
    this.#refresh(endpoint, 'the configuration has changed')
  }

  #refresh(endpoint: Endpoint, because: string): void {
    const from = endpoint.health
    const to = this.stateOf(endpoint).healthAt(this.#context.clock())
    if (from === to) return
    endpoint.health = to
    this.usable.changed()
    if (isOut(from) && !isOut(to) && this.#slowStart !== null)
      this.#context.slowStart.begin(endpoint, this.#slowStart)
    this.#context.events.emit('endpoint_health', { pool: this.pool, endpoint, from, to, because })
  }
}
