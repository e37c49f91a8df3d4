import { type Clock, type Endpoint, REASONS, type ReasonTable } from '@gatewright/core'
import type { Counter } from './counter.js'
import type { Families } from './families.js'
import type { Histogram } from './histogram.js'
import type { LabelCap } from './label-cap.js'
import { faultsOf } from './possible-reasons.js'

/** How long the series of an endpoint stay after its removal and its last attempt, in milliseconds. */
const KEPT_MS = 5 * 60_000

const SWEEP_EVERY = 256

/** The series of one endpoint, and of its pool's phases. */
export interface EndpointSeries {
  readonly requests: Counter
  readonly durations: Histogram
  readonly phases: PhaseSeries
  /** By reason. */
  readonly failures: Map<string, Counter>
}

/** The series of a pool's phases. */
export interface PhaseSeries {
  readonly queue: Histogram
  readonly connect: Histogram
  readonly firstByte: Histogram
  readonly total: Histogram
}

interface Leaver {
  readonly endpoint: Endpoint
  /** Since when it is known that nothing is under way there; -1 while something may be. */
  idleSince: number
}

/**
 * Finds the series of endpoints, and forgets those of endpoints that have left for good; sooner, where endpoints that are
 * there need the names.
 */
export class EndpointSeriesMap {
  readonly #families: Families
  readonly #cap: LabelCap
  readonly #clock: Clock
  readonly #reasons: ReasonTable
  readonly #series = new Map<string, EndpointSeries>()
  // By the object, as attempts come by it; under another authority it is another object with the same series.
  #known = new WeakMap<Endpoint, EndpointSeries>()
  readonly #phases = new Map<string, PhaseSeries>()
  readonly #leavers = new Map<string, Leaver>()
  /** The names, by key, that there was no room for. */
  readonly #nameless = new Map<string, string>()
  #left = 0

  constructor(
    families: Families,
    cap: LabelCap,
    clock: Clock,
    reasons: ReasonTable = REASONS as ReasonTable
  ) {
    this.#families = families
    this.#cap = cap
    this.#clock = clock
    this.#reasons = reasons
    cap.whenFull('endpoint', () => this.#makeRoom())
  }

  /** The series of an endpoint. Those that are new show zeros, for what may fail there too. */
  of(endpoint: Endpoint): EndpointSeries {
    return this.#known.get(endpoint) ?? this.#find(endpoint)
  }

  /** Counts a failed attempt. */
  failed(endpoint: Endpoint, reason: string): void {
    failureOf(this.of(endpoint), endpoint, reason, this.#families).value++
  }

  /** The endpoint is in its pool, maybe again. */
  came(endpoint: Endpoint): void {
    this.#leavers.delete(keyOf(endpoint))
    this.of(endpoint)
  }

  /** The endpoint has left its pool. `staying` are those that have not: one may differ in its query only. */
  left(endpoint: Endpoint, staying: readonly Endpoint[] = []): void {
    const key = keyOf(endpoint)
    // An endpoint with a running first attempt gets series when it ends.
    if (!this.#series.has(key) && endpoint.inFlight === 0) return
    if (staying.some(({ name }) => name === endpoint.name)) return
    this.#leavers.set(key, { endpoint, idleSince: -1 })
    // Without scrapes, nothing else does it.
    if (++this.#left % SWEEP_EVERY === 0) this.sweep()
  }

  /** The pool is gone for good. */
  forgetPool(poolId: string): void {
    const phases = this.#phases.get(poolId)
    this.#phases.delete(poolId)
    for (const [key, series] of this.#series) if (series.phases === phases) this.#forget(key)
  }

  /** Removes series that have been idle long enough for every scraper to have seen their last values. Called before each scrape. */
  sweep(): void {
    const now = this.#clock()
    for (const [key, leaver] of this.#leavers) {
      if (leaver.endpoint.inFlight > 0) continue
      // A series without a name of its own is not missed.
      if (this.#nameless.has(key)) this.#forget(key)
      else if (leaver.idleSince === -1) leaver.idleSince = now
      else if (now - leaver.idleSince >= KEPT_MS) this.#forget(key)
    }
    this.#name()
  }

  /** Gives a name to those that had none, as far as there is room by now. */
  #name(): void {
    for (const [key, name] of this.#nameless) {
      if (!this.#cap.takes('endpoint', name)) continue
      this.#drop(key)
    }
  }

  #makeRoom(): boolean {
    for (const [key, { endpoint }] of this.#leavers) {
      if (endpoint.inFlight > 0 || this.#nameless.has(key)) continue
      this.#forget(key)
      return true
    }
    return false
  }

  #forget(key: string): void {
    this.#leavers.delete(key)
    this.#drop(key)
  }

  #drop(key: string): void {
    const series = this.#series.get(key)
    this.#series.delete(key)
    this.#nameless.delete(key)
    // Several objects may have had them, and any may come back.
    this.#known = new WeakMap()
    if (series === undefined) return
    const { upstreamRequests, upstreamDurations, upstreamFailures } = this.#families
    for (const counter of series.failures.values()) upstreamFailures.drop(counter)
    upstreamRequests.drop(series.requests)
    upstreamDurations.drop(series.durations)
  }

  #find(endpoint: Endpoint): EndpointSeries {
    const { poolId, name } = endpoint
    const key = keyOf(endpoint)
    let series = this.#series.get(key)
    if (series === undefined) {
      series = {
        requests: this.#families.upstreamRequests.at(poolId, name),
        durations: this.#families.upstreamDurations.at(poolId, name),
        phases: this.#phasesOf(poolId),
        failures: new Map()
      }
      this.#series.set(key, series)
      if (series.requests.labels.endpoint !== name) this.#nameless.set(key, name)
      for (const reason of faultsOf(endpoint, this.#reasons))
        failureOf(series, endpoint, reason, this.#families)
    }
    this.#known.set(endpoint, series)
    return series
  }

  #phasesOf(poolId: string): PhaseSeries {
    let series = this.#phases.get(poolId)
    if (series === undefined) {
      const { phases } = this.#families
      series = {
        queue: phases.at(poolId, 'queue'),
        connect: phases.at(poolId, 'connect'),
        firstByte: phases.at(poolId, 'first_byte'),
        total: phases.at(poolId, 'total')
      }
      this.#phases.set(poolId, series)
    }
    return series
  }
}

function failureOf(
  { failures }: EndpointSeries,
  { poolId, name }: Endpoint,
  reason: string,
  { upstreamFailures }: Families
): Counter {
  let counter = failures.get(reason)
  if (counter === undefined) {
    counter = upstreamFailures.at(poolId, name, reason)
    failures.set(reason, counter)
  }
  return counter
}

function keyOf({ poolId, name }: Endpoint): string {
  return `${poolId} ${name}`
}
