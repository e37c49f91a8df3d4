import type { LabelCap } from './label-cap.js'
import type { Labels } from './sample.js'

/** The series of a family, by the values of its labels. */
export class SeriesMap<T extends { readonly labels: Labels }> {
  readonly #labels: readonly string[]
  readonly #cap: LabelCap
  readonly #create: (labels: Labels) => T
  readonly #series = new Map<string, { readonly series: T; users: number }>()

  constructor(labels: readonly string[], cap: LabelCap, create: (labels: Labels) => T) {
    this.#labels = labels
    this.#cap = cap
    this.#create = create
  }

  /** The series with these values, in the order of the labels; made when it is not there. Several may share `other`. */
  at(values: readonly string[]): T {
    const labels: Record<string, string> = {}
    for (const [index, name] of this.#labels.entries())
      labels[name] = this.#cap.claim(name, values[index] ?? '')
    const key = keyOf(labels)
    const known = this.#series.get(key)
    if (known === undefined) {
      const series = this.#create(labels)
      this.#series.set(key, { series, users: 1 })
      return series
    }
    known.users++
    return known.series
  }

  /** One of those who asked for this series has no more use for it. With the last of them it is forgotten. */
  drop(series: T): void {
    const key = keyOf(series.labels)
    const known = this.#series.get(key)
    if (known?.series !== series) return
    for (const name of this.#labels) this.#cap.release(name, series.labels[name] as string)
    if (--known.users === 0) this.#series.delete(key)
  }

  /** Removes every series whose label has this value. */
  forget(label: string, value: string): void {
    for (const [key, { series, users }] of this.#series) {
      if (series.labels[label] !== value) continue
      for (const name of this.#labels) this.#cap.release(name, series.labels[name] as string, users)
      this.#series.delete(key)
    }
  }

  *values(): Generator<T> {
    for (const { series } of this.#series.values()) yield series
  }
}

// No label value holds the separator: ids and URLs have no control characters.
function keyOf(labels: Labels): string {
  return Object.values(labels).join('\u0000')
}
