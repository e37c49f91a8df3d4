import type { LabelCap } from './label-cap.js'
import type { Labels } from './sample.js'

/** The series of a family, by the values of its labels. */
export class SeriesMap<T> {
  readonly #labels: readonly string[]
  readonly #cap: LabelCap
  readonly #create: (labels: Labels) => T
  readonly #series = new Map<string, T>()

  constructor(labels: readonly string[], cap: LabelCap, create: (labels: Labels) => T) {
    this.#labels = labels
    this.#cap = cap
    this.#create = create
  }

  /** The series with these values, in the order of the labels; made when it is not there. */
  at(values: readonly string[]): T {
    const labels: Record<string, string> = {}
    for (const [index, name] of this.#labels.entries()) labels[name] = this.#cap.of(name, values[index] ?? '')
    const key = keyOf(Object.values(labels))
    let series = this.#series.get(key)
    if (series === undefined) {
      series = this.#create(labels)
      this.#series.set(key, series)
    }
    return series
  }

  /** Forgets the series with these values. */
  drop(values: readonly string[]): void {
    this.#series.delete(keyOf(values))
  }

  values(): IterableIterator<T> {
    return this.#series.values()
  }
}

// No label value holds the separator: ids and URLs have no control characters.
function keyOf(values: readonly string[]): string {
  return values.join('\u0000')
}
