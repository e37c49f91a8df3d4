import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import type { Metric, Registry } from 'prom-client'
import type { Family } from './sample.js'

// Loaded only where metrics are wanted.
const prometheus = (): typeof import('prom-client') => createRequire(import.meta.url)('prom-client')

/** The text of a scrape and its media type. */
export interface Exposition {
  readonly type: string
  readonly body: string
}

/** Shows the families, and what is in prom-client's own registry, in both formats of Prometheus. */
export class Exposer {
  readonly #families: () => readonly Family[]
  readonly #registry: Registry | null
  readonly #shown: () => void
  readonly #running = new Map<boolean, Promise<Exposition>>()

  /**
   * `families` are asked for at each scrape; `shown` is called after it. With `process`, prom-client's default registry
   * is shown besides, and holds the metrics of the process.
   */
  constructor(families: () => readonly Family[], shown: () => void, process: boolean) {
    this.#families = families
    this.#shown = shown
    this.#registry = process ? processRegistry() : null
  }

  /** What is shown, but for prom-client's registry. */
  get families(): readonly Family[] {
    return this.#families()
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
    const add = (name: string, read: () => MetricValues | Promise<MetricValues>): void => {
      const get = async (): Promise<MetricValues> => {
        before = before.then(() => setImmediate()).then(read)
        const values = (await before) as MetricValues
        const isCounter = openMetrics && values.type === 'counter'
        return isCounter ? { ...values, name: values.name.replace(/_total$/, '') } : values
      }
      registry.registerMetric({ name, get } as unknown as Metric)
    }
    const families = this.#families()
    for (const family of families) add(family.name, () => valuesOf(family))
    const own = new Set(families.map(({ name }) => name))
    for (const metric of (this.#registry?.getMetricsAsArray() ?? []) as unknown as ReadableMetric[])
      if (!own.has(metric.name)) add(metric.name, () => metric.get())
    const body = await registry.metrics()
    this.#shown()
    return { type, body }
  }
}

interface MetricValues {
  readonly name: string
  readonly type: string
}

interface ReadableMetric {
  readonly name: string
  get(): Promise<MetricValues>
}

function valuesOf(family: Family): MetricValues {
  const { name, help, type } = family
  return { name, help, type, values: family.samples(), aggregator: 'sum' } as MetricValues
}

// The process has one set of these, however many gateways run in it: prom-client's default registry keeps them.
function processRegistry(): Registry {
  const { register, collectDefaultMetrics } = prometheus()
  if (register.getSingleMetric('process_cpu_seconds_total') === undefined) collectDefaultMetrics()
  return register
}
