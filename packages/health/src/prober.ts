import { type Cancel, type Endpoint, waitFor } from '@gatewright/core'
import type { HealthContext, PoolHealth } from './pool-health.js'
import { probe } from './probe.js'
import { isTurning } from './probe-streak.js'
import { type ProbeTarget, targetOf } from './probe-target.js'
import type { ProbeSettings } from './settings.js'
import type { ProbeOutcome } from './verdict.js'

/** Makes one probe; replaced by tests. */
export type Probe = (
  target: ProbeTarget,
  settings: ProbeSettings,
  signal: AbortSignal
) => Promise<ProbeOutcome>

/** The time until a probe. */
interface Wait {
  /** In milliseconds of the gateway's clock. */
  readonly dueAt: number
  readonly cancel: Cancel
}

/** A probe under way. */
interface Running {
  readonly controller: AbortController
  /** Gives its place to the next one in line; a second call does nothing. */
  readonly giveWay: () => void
}

/** For how long a probe without an answer keeps others waiting, at the most. */
const LONGEST_PLACE_MS = 250

/**
 * For how long a probe keeps its place: so short that a round of all endpoints is over within half an interval though none
 * of them answers.
 */
function placeMs({ intervalMs, concurrency }: ProbeSettings, endpoints: number): number {
  return Math.max(1, Math.min(LONGEST_PLACE_MS, (intervalMs * concurrency) / (2 * endpoints)))
}

/**
 * Probes the endpoints of a pool, each in its own rhythm, so many at a time. One that does not answer soon is waited for
 * beside them: endpoints that hang must not keep others from being asked.
 */
export class Prober {
  readonly #health: PoolHealth
  readonly #context: HealthContext
  readonly #probe: Probe
  readonly #waits = new Map<Endpoint, Wait>()
  readonly #line: Endpoint[] = []
  readonly #running = new Map<Endpoint, Running>()
  #settings: ProbeSettings
  #places = 0
  #warned = false

  constructor(health: PoolHealth, settings: ProbeSettings, context: HealthContext, probing: Probe = probe) {
    this.#health = health
    this.#settings = settings
    this.#context = context
    this.#probe = probing
  }

  /** Begins with an endpoint, at a time within the first `fastInterval` that chance decides. Nothing if it has begun. */
  add(endpoint: Endpoint): void {
    if (this.#waits.has(endpoint) || this.#running.has(endpoint) || this.#line.includes(endpoint)) return
    // The first look is soon: until then the endpoint is unknown, and used.
    this.#wait(endpoint, this.#context.chance() * this.#settings.fastIntervalMs)
  }

  /** Other settings hold from the next probes on, and these come within `fastInterval`. */
  use(settings: ProbeSettings): void {
    this.#settings = settings
    this.#warned = false
    const { chance, clock } = this.#context
    for (const [endpoint, { dueAt, cancel }] of [...this.#waits]) {
      const ms = chance() * settings.fastIntervalMs
      if (dueAt - clock() <= ms) continue
      cancel()
      this.#wait(endpoint, ms)
    }
    this.#next()
  }

  remove(endpoint: Endpoint): void {
    this.#waits.get(endpoint)?.cancel()
    this.#waits.delete(endpoint)
    const place = this.#line.indexOf(endpoint)
    if (place !== -1) this.#line.splice(place, 1)
    const running = this.#running.get(endpoint)
    this.#running.delete(endpoint)
    running?.controller.abort()
    running?.giveWay()
  }

  stop(): void {
    for (const endpoint of [...this.#waits.keys(), ...this.#line, ...this.#running.keys()])
      this.remove(endpoint)
  }

  #wait(endpoint: Endpoint, ms: number): void {
    const { clock, timers } = this.#context
    const cancel = timers.after(ms, () => {
      this.#waits.delete(endpoint)
      this.#line.push(endpoint)
      this.#next()
    })
    this.#waits.set(endpoint, { dueAt: clock() + ms, cancel })
  }

  #next(): void {
    while (this.#places < this.#settings.concurrency) {
      const endpoint = this.#line.shift()
      if (endpoint === undefined) return
      void this.#run(endpoint)
    }
  }

  async #run(endpoint: Endpoint): Promise<void> {
    const { timeoutMs } = this.#settings
    const controller = new AbortController()
    const giveWay = this.#takePlace()
    this.#running.set(endpoint, { controller, giveWay })
    const stop = waitFor(this.#context.timers, timeoutMs, () => controller.abort())
    const outcome = await this.#probe(this.#targetOf(endpoint), this.#settings, controller.signal)
    const { result, because } = outcome
    stop()
    // It may have been removed, or the gateway closed, in the meantime.
    if (this.#running.get(endpoint)?.controller !== controller) return
    this.#running.delete(endpoint)
    if (outcome.mistaken === true) this.#warn(because)
    if ('threw' in outcome) this.#context.threw(this.#health.pool, outcome.threw)
    this.#health.probed(endpoint, result, `probe: ${because}`, this.#settings)
    const turning = isTurning(this.#health.stateOf(endpoint).probe)
    this.#wait(endpoint, turning ? this.#settings.fastIntervalMs : this.#settings.intervalMs)
    giveWay()
  }

  // Returns how to give it back, which time does as well.
  #takePlace(): () => void {
    let taken = true
    this.#places++
    const giveWay = (): void => {
      if (!taken) return
      taken = false
      cancel()
      this.#places--
      this.#next()
    }
    const ms = placeMs(this.#settings, this.#health.pool.endpoints.length)
    const cancel = this.#context.timers.after(ms, giveWay)
    return giveWay
  }

  // Once a pool: it would come with every probe of every endpoint.
  #warn(because: string): void {
    if (this.#warned) return
    this.#warned = true
    this.#context.warn(`pools.${this.#health.pool.id}.health: ${because}; that counts as unhealthy`)
  }

  #targetOf(endpoint: Endpoint): ProbeTarget {
    const { config, settings } = this.#health.pool
    const own = config.endpoints?.find((one) => typeof one !== 'string' && sameUrl(one.url, endpoint.url))
    const healthUrl = typeof own === 'object' ? own.healthUrl : undefined
    return targetOf(endpoint, settings.tls, this.#settings.path, healthUrl)
  }
}

function sameUrl(configured: string, normalised: string): boolean {
  const url = new URL(configured)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${url.search}` === normalised
}
