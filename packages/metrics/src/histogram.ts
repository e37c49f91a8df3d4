import type { LabelCap } from './label-cap.js'
import type { Description, Exemplar, Family, Labels, Sample } from './sample.js'
import { SeriesMap } from './series-map.js'

/** How values of one series are distributed. */
export class Histogram {
  readonly labels: Labels
  readonly #bounds: Float64Array
  /** Values per bucket, those above the last bound, and the sum of all. */
  readonly #counts: Float64Array
  #exemplars: (Exemplar | undefined)[] | null = null

  constructor(labels: Labels, bounds: Float64Array) {
    this.labels = labels
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 2)
  }

  /** Counts a value; `traceId` of the trace that is an example of it, or `''`. */
  record(value: number, traceId: string): void {
    const bounds = this.#bounds
    const counts = this.#counts
    const { length } = bounds
    let bucket = 0
    while (bucket < length && value > (bounds[bucket] as number)) bucket++
    counts[bucket] = (counts[bucket] as number) + 1
    counts[length + 1] = (counts[length + 1] as number) + value
    if (traceId !== '') this.#remember(bucket, value, traceId)
  }

  #remember(bucket: number, value: number, traceId: string): void {
    this.#exemplars ??= new Array(this.#bounds.length + 1)
    this.#exemplars[bucket] = { labelSet: { trace_id: traceId }, value, timestamp: Date.now() / 1_000 }
  }

  /** Adds its lines to `samples`. Buckets are cumulative: each counts values up to its bound. */
  show(name: string, samples: Sample[]): void {
    const bounds = this.#bounds
    let count = 0
    for (let bucket = 0; bucket <= bounds.length; bucket++) {
      count += this.#counts[bucket] as number
      const le = bucket === bounds.length ? '+Inf' : String(bounds[bucket])
      const exemplar = this.#exemplars?.[bucket]
      samples.push({
        metricName: `${name}_bucket`,
        labels: { le },
        sharedLabels: this.labels,
        value: count,
        ...(exemplar === undefined ? {} : { exemplar })
      })
    }
    const sum = this.#counts[bounds.length + 1] as number
    samples.push({ metricName: `${name}_sum`, labels: NONE, sharedLabels: this.labels, value: sum })
    samples.push({ metricName: `${name}_count`, labels: NONE, sharedLabels: this.labels, value: count })
  }
}

const NONE: Labels = {}

/** Histograms of one name, with the same buckets. */
export class HistogramFamily implements Family {
  readonly type = 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly #series: SeriesMap<Histogram>

  /** `bounds` are the upper ends of the buckets, growing. */
  constructor({ name, help, labels }: Description, bounds: readonly number[], cap: LabelCap) {
    this.name = name
    this.help = help
    this.labels = labels
    const shared = Float64Array.from(bounds)
    this.#series = new SeriesMap(labels, cap, (values) => new Histogram(values, shared))
  }

  /** The histogram with these label values. */
  at(...values: string[]): Histogram {
    return this.#series.at(values)
  }

  /** One of those who asked for it has no more use for it. With the last of them it is forgotten. */
  drop(series: Histogram): void {
    this.#series.drop(series)
  }

  /** Forgets every series whose label has this value. */
  forget(label: string, value: string): void {
    this.#series.forget(label, value)
  }

  samples(): Sample[] {
    const samples: Sample[] = []
    for (const series of this.#series.values()) series.show(this.name, samples)
    return samples
  }
}
