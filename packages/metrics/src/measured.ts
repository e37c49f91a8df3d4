import type { Measure } from '@gatewright/core'
import type { LabelCap } from './label-cap.js'
import type { Family, Sample } from './sample.js'

/** A measure of another part of the gateway, read when metrics are asked for. */
export class MeasuredFamily implements Family {
  readonly type: 'gauge' | 'counter'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly #measure: Measure
  readonly #cap: LabelCap
  readonly #report: (error: unknown) => void

  /** `report` is told what reading throws; the other families are shown all the same. */
  constructor(measure: Measure, cap: LabelCap, report: (error: unknown) => void) {
    this.type = measure.type
    this.name = measure.name
    this.help = measure.help
    this.labels = measure.labels
    this.#measure = measure
    this.#cap = cap
    this.#report = report
  }

  samples(): Sample[] {
    const samples = new Map<string, { labels: Record<string, string>; value: number }>()
    try {
      this.#measure.read((value, ...values) => {
        const labels: Record<string, string> = {}
        for (const [index, name] of this.labels.entries())
          labels[name] = this.#cap.of(name, values[index] ?? '')
        const key = Object.values(labels).join('\u0000')
        const known = samples.get(key)
        // What shares `other` is shown as their sum.
        if (known === undefined) samples.set(key, { labels, value })
        else known.value += value
      })
    } catch (error) {
      this.#report(error)
    }
    return [...samples.values()]
  }
}
