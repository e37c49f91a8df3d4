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

/** Probes the endpoints of a pool, each in its own rhythm, so many at a time. */
export class Prober {
  readonly #health: PoolHealth
  readonly #settings: ProbeSettings
  readonly #context: HealthContext
  readonly #probe: Probe
  readonly #waits = new Map<Endpoint, Cancel>()
  readonly #line: Endpoint[] = []
  readonly #running = new Map<Endpoint, AbortController>()
  #warned = false

  constructor(health: PoolHealth, settings: ProbeSettings, context: HealthContext, probing: Probe = probe) {
    this.#health = health
    this.#settings = settings
    this.#context = context
    this.#probe = probing
  }

  /** Begins with an endpoint, at a time within the first `fastInterval` that chance decides. */
  add(endpoint: Endpoint): void {
    // The first look is soon: until then the endpoint is unknown, and used.
    this.#wait(endpoint, this.#context.chance() * this.#settings.fastIntervalMs)
  }

  remove(endpoint: Endpoint): void {
    this.#waits.get(endpoint)?.()
    this.#waits.delete(endpoint)
    this.#running.get(endpoint)?.abort()
    this.#running.delete(endpoint)
    const place = this.#line.indexOf(endpoint)
    if (place !== -1) this.#line.splice(place, 1)
  }

  stop(): void {
    for (const endpoint of [...this.#waits.keys(), ...this.#running.keys(), ...this.#line])
      this.remove(endpoint)
  }

  #wait(endpoint: Endpoint, ms: number): void {
    this.#waits.set(
      endpoint,
      this.#context.timers.after(ms, () => {
        this.#waits.delete(endpoint)
        this.#line.push(endpoint)
        this.#next()
      })
    )
  }

  #next(): void {
    while (this.#running.size < this.#settings.concurrency) {
      const endpoint = this.#line.shift()
      if (endpoint === undefined) return
      void this.#run(endpoint)
    }
  }

  async #run(endpoint: Endpoint): Promise<void> {
    const { timeoutMs, intervalMs, fastIntervalMs } = this.#settings
    const controller = new AbortController()
    this.#running.set(endpoint, controller)
    const stop = waitFor(this.#context.timers, timeoutMs, () => controller.abort())
    const outcome = await this.#probe(this.#targetOf(endpoint), this.#settings, controller.signal)
    const { result, because } = outcome
    stop()
    // It may have been removed, or the gateway closed, in the meantime.
    if (this.#running.get(endpoint) !== controller) return
    this.#running.delete(endpoint)
    if (outcome.mistaken === true) this.#warn(because)
    this.#health.probed(endpoint, result, `probe: ${because}`, this.#settings)
    const turning = isTurning(this.#health.stateOf(endpoint).probe)
    this.#wait(endpoint, turning ? fastIntervalMs : intervalMs)
    this.#next()
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
