import type { LabelCap } from './label-cap.js'
import type { Description, Family, Labels, Sample } from './sample.js'
import { SeriesMap } from './series-map.js'

/** One counter. The caller keeps it and adds to `value`: nothing is looked up per request. */
export class Counter {
  readonly labels: Labels
  value = 0

  constructor(labels: Labels) {
    this.labels = labels
  }
}

/** Counters of one name. */
export class CounterFamily implements Family {
  readonly type = 'counter'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly #series: SeriesMap<Counter>

  constructor({ name, help, labels }: Description, cap: LabelCap) {
    this.name = name
    this.help = help
    this.labels = labels
    this.#series = new SeriesMap(labels, cap, (values) => new Counter(values))
  }

  /** The counter with these label values. */
  at(...values: string[]): Counter {
    return this.#series.at(values)
  }

  /** One of those who asked for it has no more use for it. With the last of them it is forgotten. */
  drop(series: Counter): void {
    this.#series.drop(series)
  }

  /** Forgets every series whose label has this value. */
  forget(label: string, value: string): void {
    this.#series.forget(label, value)
  }

  /** All counters there are. */
  series(): Counter[] {
    return [...this.#series.values()]
  }

  samples(): Sample[] {
    return this.series()
  }
}
