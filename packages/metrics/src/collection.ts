import type { Gateway, Gauge, InSteps, Snapshot, Stages } from '@gatewright/core'
import { DepartedSeries } from './departed-series.js'
import { EndpointSeriesMap } from './endpoint-series.js'
import { EventCounters } from './event-counters.js'
import { FactCounters } from './fact-counters.js'
import { createFamilies, type Families, listed } from './families.js'
import { GaugeFamilies } from './gauge-families.js'
import { LabelCap } from './label-cap.js'
import type { Family } from './sample.js'
import type { MetricsSettings } from './settings.js'
import { Traffic } from './traffic.js'
import { beginAtZero } from './zeros.js'

/** How long the zeros of new series may hold up the event loop at a time, in milliseconds. */
const SLICE_MS = 2

/** Everything that is counted with one set of buckets: it stays over changes of the configuration, and goes on counting. */
export class Collection {
  readonly counters: EventCounters
  readonly endpoints: EndpointSeriesMap
  readonly #gateway: Gateway
  readonly #buckets: readonly number[]
  readonly #cap: LabelCap
  readonly #families: Families
  readonly #traffic: Traffic
  readonly #facts: FactCounters
  readonly #gauges: GaugeFamilies
  readonly #departed: DepartedSeries
  #beginning: InSteps<void> | null = null

  /** `report` receives errors of gauges that cannot be read. */
  constructor(gateway: Gateway, settings: MetricsSettings, report: (error: unknown) => void) {
    this.#gateway = gateway
    this.#buckets = settings.buckets
    const cap = new LabelCap(settings.maxLabelValues)
    this.#cap = cap
    this.#families = createFamilies(cap, settings.buckets)
    this.endpoints = new EndpointSeriesMap(this.#families, cap, gateway.clock, gateway.reasons.table)
    this.#traffic = new Traffic(this.#families, this.endpoints, gateway.claimRouteSlot())
    this.counters = new EventCounters(gateway.events, cap)
    this.#facts = new FactCounters(cap, gateway.facts.all)
    this.#gauges = new GaugeFamilies(cap, report)
    this.#departed = new DepartedSeries(
      () => this.#counted as (Family & { forget(label: string, value: string): void })[],
      cap,
      gateway.clock,
      (label, id) => {
        if (label === 'pool') this.endpoints.forgetPool(id)
      }
    )
  }

  /** Whether it can continue with these settings: counts in other buckets would be lost. */
  fits({ buckets }: MetricsSettings): boolean {
    return buckets.length === this.#buckets.length && buckets.every((one, at) => one === this.#buckets[at])
  }

  /** Counts what happens in a configuration. */
  observe({ observers, exchangeObservers }: Stages): void {
    observers.push(this.#traffic)
    exchangeObservers.push(this.#traffic)
    if (this.#facts.families.length > 0) exchangeObservers.push(this.#facts)
  }

  /** Yields a problem for each counter of a plugin that has the name of one of the gateway's. */
  *taken(): Iterable<string> {
    const own = new Set(listed(this.#families).map(({ name }) => name))
    for (const { name } of [...this.counters.families, ...this.#facts.families])
      if (own.has(name))
        yield `metrics: '${name}' cannot be counted by a plugin, as the gateway has it already; choose another name`
  }

  /** A configuration is committed: its new series begin at zero. */
  begin(next: Snapshot, { maxLabelValues }: MetricsSettings): void {
    this.#cap.resize(maxLabelValues)
    this.#departed.came(next)
    this.#beginning = this.#zeros(next)
    this.#goOn()
  }

  *#zeros(next: Snapshot): InSteps<void> {
    yield* beginAtZero(next, this.#families, this.endpoints, this.#gateway.reasons.added)
    yield* this.counters.beginAtZero(next)
  }

  // Where there are thousands of routes, requests go on meanwhile.
  #goOn(): void {
    const since = performance.now()
    while (this.#beginning !== null && performance.now() - since < SLICE_MS)
      if (this.#beginning.next().done === true) this.#beginning = null
    if (this.#beginning !== null) setImmediate(() => this.#goOn()).unref()
  }

  /** No request runs on the configuration before any more. */
  retire(): void {
    this.#departed.left()
  }

  /** What a scrape shows. */
  shown(gauges: readonly Gauge[]): Family[] {
    // First, as it makes room.
    const read = this.#gauges.of(gauges)
    this.endpoints.sweep()
    this.#departed.sweep()
    return [...this.#counted, ...read]
  }

  get #counted(): Family[] {
    return [...listed(this.#families), ...this.#facts.families, ...this.counters.families]
  }
}
