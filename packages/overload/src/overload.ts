import {
  type Admission,
  type AttemptObserver,
  type AttemptRecord,
  type Cancel,
  type Exchange,
  type ExchangeObserver,
  type Gateway,
  GatewayError,
  type InSteps,
  type Pool,
  type Prepared,
  type Reason,
  type ReasonDefinition,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import { AdmissionRequest } from './admission-request.js'
import type { Importance } from './config/config.js'
import { concurrencyKey, overloadKey, ownLimit } from './keys.js'
import type { Limiter } from './limiter.js'
import { Limiters } from './limiters.js'
import { type Signals, shortage } from './process-signals.js'
import { ProcessWatch } from './process-watch.js'
import { OVERLOADED, QUEUE_TIMEOUT } from './reasons.js'
import { RouteLimits } from './route-limits.js'
import type { ProcessSettings } from './settings.js'
import { timeToHead } from './time-to-head.js'

const TICK_MS = 10

/** A limit, for display and metrics. */
export interface LimitReport {
  /** `route <id>` or `pool <id>`. */
  readonly key: string
  readonly limit: number
  /** Requests that count against the limit: with `adaptive`, those whose responses have not begun. */
  readonly running: number
  readonly waiting: number
  /** Requests refused so far, including those that timed out in the queue. */
  readonly refused: number
}

/** Admission of requests: `app.overload`. */
export class Overload implements Admission, AttemptObserver, ExchangeObserver {
  readonly name = 'overload'
  readonly #gateway: Gateway
  readonly #limiters: Limiters
  readonly #process: ProcessWatch
  readonly #ofRoute: RouteLimits
  readonly #ofPool = new WeakMap<Pool, Limiter>()
  readonly #slot: number
  #watchesProcess = false
  #refused = 0
  #stopTicking: Cancel | null = null

  constructor(gateway: Gateway) {
    this.#gateway = gateway
    this.#slot = gateway.claimSlot()
    this.#ofRoute = new RouteLimits(gateway.claimRouteSlot())
    this.#limiters = new Limiters(gateway.clock, gateway.chance, gateway.processes)
    this.#process = new ProcessWatch(gateway.timers)
  }

  /** Prepares the limits of the next configuration: limits in both keep their state and get the new settings. */
  *prepare({ pools, routes, native, config, stages }: Snapshot): InSteps<Prepared> {
    const limiters = this.#limiters.prepare()
    const settings = settingIn(overloadKey, config)
    for (const pool of pools.values()) {
      const limiter = limiters.take(`pool ${pool.id}`, settingIn(concurrencyKey, pool.config))
      if (limiter !== null) this.#ofPool.set(pool, limiter)
    }
    for (const route of [...routes, ...native.values()]) {
      this.#ofRoute.set(route, limiters.take(`route ${route.id}`, ownLimit(route)), settings)
      yield
    }
    if (limiters.size > 0 || settings !== null) {
      stages.admissions.push(this)
      stages.exchangeObservers.push(this)
    }
    // Tracks whose responses have begun even for fixed limits: they may become adaptive by a change.
    if (limiters.size > 0) stages.observers.push(this)
    return {
      commit: () => {
        limiters.commit()
        this.#watchesProcess = settings !== null
        this.#process.follow(settings)
      },
      retire: limiters.retire
    }
  }

  admit(exchange: Exchange, done: (refusal?: GatewayError) => void): void {
    const { route, pool } = exchange
    if (route === null) {
      done()
      return
    }
    const { own, importance, process } = this.#ofRoute.of(route)
    const refusal = process === null ? null : this.#refusedByProcess(exchange, process, importance)
    if (refusal !== null) {
      done(refusal)
      return
    }
    const shared = this.#limiterOf(pool)
    if (own === null && shared === null) done()
    else this.#begin(exchange, own, shared, importance, done)
  }

  moved(exchange: Exchange, done: (refusal?: GatewayError) => void): void {
    const admission = exchange.slot(this.#slot) as AdmissionRequest | undefined
    const shared = this.#limiterOf(exchange.pool)
    if (admission !== undefined) {
      admission.moveTo(shared, (outcome, limiter) => this.#decided(exchange, outcome, limiter, done))
      if (admission.waits) this.#tick()
    } else if (shared === null) done()
    else this.#begin(exchange, null, shared, this.#ofRoute.of(exchange.route).importance, done)
  }

  answered(attempt: AttemptRecord, exchange: Exchange): void {
    const admission = exchange.slot(this.#slot) as AdmissionRequest | undefined
    admission?.answered(timeToHead(attempt, exchange))
  }

  closed(exchange: Exchange): void {
    const admission = exchange.slot(this.#slot) as AdmissionRequest | undefined
    if (admission === undefined) return
    // The beginning of a handler's response is not observed.
    const { endedAt, pool, reason, fallback, status } = exchange
    if (pool === null && admission.enteredAt > 0 && reason === null && fallback === null && status < 500)
      admission.answered(endedAt - admission.enteredAt)
    admission.end()
  }

  /** Every limit, and what was last measured of the process. */
  state(): { readonly limits: LimitReport[]; readonly signals: Signals } {
    const limits = [...this.#limiters.current].map(([key, { limit, running, waiting, refused }]) => ({
      key,
      limit,
      running,
      waiting,
      refused
    }))
    return { limits, signals: this.#process.signals }
  }

  /** Requests refused so far because the process is overloaded; `null` if that is not configured. */
  get refusedByProcess(): number | null {
    return this.#watchesProcess ? this.#refused : null
  }

  stop(): void {
    this.#process.close()
    this.#stopTicking?.()
    this.#stopTicking = null
  }

  #limiterOf(pool: Pool | null): Limiter | null {
    return pool === null ? null : (this.#ofPool.get(pool) ?? null)
  }

  #begin(
    exchange: Exchange,
    own: Limiter | null,
    shared: Limiter | null,
    importance: Importance,
    done: (refusal?: GatewayError) => void
  ): void {
    const admission = new AdmissionRequest(own, shared, importance, (outcome, limiter) =>
      this.#decided(exchange, outcome, limiter, done)
    )
    exchange.setSlot(this.#slot, admission)
    admission.begin()
    if (admission.waits) this.#tick()
  }

  #decided(
    exchange: Exchange,
    outcome: 'in' | 'full' | 'timeout',
    limiter: Limiter | null,
    done: (refusal?: GatewayError) => void
  ): boolean {
    if (outcome === 'in') {
      // It may have been cancelled while it was queued.
      if (exchange.endedAt === 0) done()
      return true
    }
    const reason = outcome === 'full' ? OVERLOADED : QUEUE_TIMEOUT
    const { route, pool } = exchange
    const owner = limiter === this.#limiterOf(pool) ? `pool '${pool?.id}'` : `route '${route?.id}'`
    const because = `${owner}: ${limiter?.running} run, ${limiter?.waiting} wait`
    if (limiter?.settings.observe === true) {
      this.#observed(exchange, reason.name, because)
      return true
    }
    if (limiter !== null) limiter.refused++
    done(this.#refuse(exchange, reason, because, '1'))
    return false
  }

  #refusedByProcess(
    exchange: Exchange,
    settings: ProcessSettings,
    importance: Importance
  ): GatewayError | null {
    const because = shortage(this.#process.signals, settings, importance)
    if (because === null) return null
    if (settings.observe) {
      this.#observed(exchange, OVERLOADED.name, because)
      return null
    }
    this.#refused++
    return this.#refuse(exchange, OVERLOADED, because, settings.retryAfter)
  }

  #refuse(exchange: Exchange, reason: ReasonDefinition, because: string, retryAfter: string): GatewayError {
    this.#gateway.events.emit('rejected', { exchange, reason: reason.name, because })
    return new GatewayError(reason, { detail: because, headers: { 'retry-after': retryAfter } })
  }

  #observed(exchange: Exchange, reason: Reason, because: string): void {
    exchange.observe(reason)
    this.#gateway.events.emit('observed', { exchange, reason, because })
  }

  // One timer for all queues, active only while requests are queued. It keeps the process alive for them.
  #tick(): void {
    this.#stopTicking ??= this.#gateway.timers.every(
      TICK_MS,
      () => {
        if (this.#limiters.tick() > 0) return
        this.#stopTicking?.()
        this.#stopTicking = null
      },
      true
    )
  }
}
