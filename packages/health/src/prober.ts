import { type Cancel, type Endpoint, waitFor } from '@gatewright/core'
import type { HealthContext, PoolHealth } from './pool-health.js'
import { probe } from './probe.js'
import { isTurning } from './probe-streak.js'
import { type ProbeTarget, poolTarget } from './probe-target.js'
import type { ProbeSettings } from './settings.js'
import type { ProbeOutcome } from './verdict.js'

/** Runs one probe; replaced in tests. */
export type Probe = (
  target: ProbeTarget,
  settings: ProbeSettings,
  signal: AbortSignal
) => Promise<ProbeOutcome>

/** A scheduled probe. */
interface Wait {
  /** In milliseconds of the gateway's clock. */
  readonly dueAt: number
  readonly cancel: Cancel
}

/** A running probe. */
interface Running {
  readonly controller: AbortController
  /** Releases its concurrency slot; a second call does nothing. */
  readonly giveWay: () => void
}

/** Longest time that a probe without a response holds a concurrency slot. */
const LONGEST_PLACE_MS = 250

/**
 * How long a probe holds its concurrency slot: short enough that a round of all endpoints takes half an interval at most, even
 * if none of them responds.
 */
function placeMs({ intervalMs, concurrency }: ProbeSettings, endpoints: number): number {
  return Math.max(1, Math.min(LONGEST_PLACE_MS, (intervalMs * concurrency) / (2 * endpoints)))
}

/**
 * Probes the endpoints of a pool, each on its own schedule, with bounded concurrency. A probe without an early response
 * releases its slot, so that hanging endpoints do not delay the probes of others.
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

  /** Starts probing an endpoint, at a random time within `fastInterval`. Does nothing if already started. */
  add(endpoint: Endpoint): void {
    if (this.#waits.has(endpoint) || this.#running.has(endpoint) || this.#line.includes(endpoint)) return
    // The first probe is early: until then the endpoint is unknown and gets traffic.
    this.#wait(endpoint, this.#context.chance() * this.#settings.fastIntervalMs)
  }

  /** Applies new settings to the next probes, which start within `fastInterval`. */
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
    const target = poolTarget(this.#health.pool, endpoint, this.#settings)
    const outcome = await this.#probe(target, this.#settings, controller.signal)
    const { result, because } = outcome
    stop()
    // The endpoint may have been removed, or the gateway closed, meanwhile.
    if (this.#running.get(endpoint)?.controller !== controller) return
    this.#running.delete(endpoint)
    if (outcome.mistaken === true) this.#warn(because)
    if ('threw' in outcome) this.#context.threw(this.#health.pool, outcome.threw)
    this.#health.probed(endpoint, result, `probe: ${because}`, this.#settings)
    const turning = isTurning(this.#health.stateOf(endpoint).probe)
    this.#wait(endpoint, turning ? this.#settings.fastIntervalMs : this.#settings.intervalMs)
    giveWay()
  }

  // Returns a function that releases the slot, which a timer does as well.
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

  // Once per pool: it would otherwise repeat with every probe.
  #warn(because: string): void {
    if (this.#warned) return
    this.#warned = true
    this.#context.warn(`pools.${this.#health.pool.id}.health: ${because}; that counts as unhealthy`)
  }
}
