import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import type { Across } from '@gatewright/core'
import type { Metric, Registry } from 'prom-client'
import type { Family } from './sample.js'

// Loaded only where metrics are wanted.
const prometheus = (): typeof import('prom-client') => createRequire(import.meta.url)('prom-client')

/** How long a user-supplied metric may take to be read, in milliseconds. */
const PATIENCE_MS = 5_000

/**
 * Gauges of prom-client's own with a suffix that is a counter's. They are sums over `nodejs_active_resources`,
 * `nodejs_active_handles` and `nodejs_active_requests`, which are shown.
 */
const MISNAMED: ReadonlySet<string> = new Set([
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total'
])

/** How the values of several processes become one; `omit` shows none. */
export type AcrossWorkers = Across | 'omit'

/** prom-client's words for it, where it is not a sum. */
const AGGREGATORS: Readonly<Record<string, AcrossWorkers | undefined>> = {
  first: 'max',
  min: 'min',
  max: 'max',
  average: 'average',
  omit: 'omit'
}

/** The text of a scrape and its media type. */
export interface Exposition {
  readonly type: string
  readonly body: string
}

/** Renders the families and prom-client's own registry in both formats of Prometheus. */
export class Exposer {
  readonly #families: () => readonly Family[]
  readonly #registry: Registry | null
  readonly #report: (error: unknown) => void
  readonly #running = new Map<boolean, Promise<Exposition>>()

  /**
   * `families` are asked for at each scrape. With `process`, prom-client's default registry is shown besides, and holds
   * the metrics of the process. `report` receives errors of metrics that cannot be shown; the rest is shown.
   */
  constructor(families: () => readonly Family[], process: boolean, report: (error: unknown) => void) {
    this.#families = families
    this.#registry = process ? processRegistry() : null
    this.#report = report
  }

  /** The shown families, without prom-client's registry. */
  get families(): readonly Family[] {
    return this.#families()
  }

  /** How the values of several processes become one, by family, where they are not added up. */
  get across(): Readonly<Record<string, AcrossWorkers>> {
    const all: Record<string, AcrossWorkers> = {}
    for (const { name, across = 'sum' } of this.#families()) if (across !== 'sum') all[name] = across
    for (const metric of this.#registry?.getMetricsAsArray() ?? []) {
      const { name, aggregator } = metric as unknown as { name: string; aggregator?: string }
      const across = AGGREGATORS[aggregator ?? 'sum']
      if (across !== undefined && !Object.hasOwn(all, name)) all[name] = across
    }
    return all
  }

  /** The text; one for all who ask at the same time. Never keeps the event loop for more than one family. */
  show(openMetrics: boolean): Promise<Exposition> {
    let running = this.#running.get(openMetrics)
    if (running === undefined) {
      running = this.#show(openMetrics).finally(() => this.#running.delete(openMetrics))
      this.#running.set(openMetrics, running)
    }
    return running
  }

  async #show(openMetrics: boolean): Promise<Exposition> {
    const { Registry } = prometheus()
    const type = openMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE
    // A registry of each scrape's own: prom-client changes the names of counters for good when it writes OpenMetrics.
    const registry = new Registry()
    registry.setContentType(type as Parameters<Registry['setContentType']>[0])
    let before: Promise<unknown> = Promise.resolve()
    const add = (source: Readable): void => {
      const { name } = source
      const get = async (): Promise<MetricValues> => {
        const read = before.then(() => setImmediate()).then(() => this.#read(source))
        before = read
        const values = await read
        const isCounter = openMetrics && values.type === 'counter'
        return isCounter ? { ...values, name: values.name.replace(/_total$/, '') } : values
      }
      registry.registerMetric({ name, get } as unknown as Metric)
    }
    const names = new Set<string>()
    const others = (this.#registry?.getMetricsAsArray() ?? []) as unknown as Readable[]
    for (const source of [...this.#families().map(readable), ...others]) {
      if (names.has(source.name) || MISNAMED.has(source.name)) continue
      names.add(source.name)
      add(source)
    }
    return { type, body: await registry.metrics() }
  }

  async #read(source: Readable): Promise<MetricValues> {
    const { name, help, type } = source
    try {
      return await within(PATIENCE_MS, name, () => source.get())
    } catch (error) {
      this.#report(error)
      return { name, help, type, values: [] }
    }
  }
}

function within<T>(ms: number, name: string, read: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`metric ${name} could not be read within ${ms / 1_000} s`))
    const timer = setTimeout(late, ms)
    const done = (): void => clearTimeout(timer)
    Promise.resolve().then(read).then(resolve, reject).then(done)
  })
}

interface MetricValues {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly values: readonly unknown[]
}

/** What can be read as prom-client reads it. */
interface Readable {
  readonly name: string
  readonly help: string
  readonly type: string
  get(): Promise<MetricValues> | MetricValues
}

function readable(family: Family): Readable {
  const { name, help, type } = family
  return { name, help, type, get: () => ({ name, help, type, values: family.samples(), aggregator: 'sum' }) }
}

// The process has one set of these, however many gateways run in it: prom-client's default registry keeps them.
function processRegistry(): Registry {
  const { register, collectDefaultMetrics } = prometheus()
  if (register.getSingleMetric('process_cpu_seconds_total') === undefined) collectDefaultMetrics()
  return register
}
