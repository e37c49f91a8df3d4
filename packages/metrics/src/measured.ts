import type { Measure } from '@gatewright/core'
import { type LabelCap, PassingClaims } from './label-cap.js'
import type { Family, Sample } from './sample.js'

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** The families of measures, which may be added at any time. */
export class MeasuredFamilies {
  readonly #claims: PassingClaims
  readonly #report: (error: unknown) => void
  readonly #known = new Map<Measure, MeasuredFamily | null>()

  /** `report` is told once of a measure that cannot be shown. */
  constructor(cap: LabelCap, report: (error: unknown) => void) {
    this.#claims = new PassingClaims(cap)
    this.#report = report
  }

  /** The families of one scrape. What the last one has shown, and this one does not, makes room for others. */
  of(measures: readonly Measure[]): Family[] {
    this.#claims.release()
    return measures.flatMap((measure) => this.#familyOf(measure) ?? [])
  }

  #familyOf(measure: Measure): MeasuredFamily | null {
    let family = this.#known.get(measure)
    if (family !== undefined) return family
    const wrong = [measure.name, ...measure.labels].find((name) => !NAME.test(name))
    family = wrong === undefined ? new MeasuredFamily(measure, this.#claims, this.#report) : null
    if (family === null)
      this.#report(new TypeError(`measure ${measure.name}: '${wrong}' is no name that Prometheus reads`))
    this.#known.set(measure, family)
    return family
  }
}

/** A measure of another part of the gateway, read when metrics are asked for. */
export class MeasuredFamily implements Family {
  readonly type: 'gauge' | 'counter'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly #measure: Measure
  readonly #claims: PassingClaims
  readonly #report: (error: unknown) => void
  #told = false

  /** `report` is told once what reading throws; the other families are shown all the same. */
  constructor(measure: Measure, claims: PassingClaims, report: (error: unknown) => void) {
    this.type = measure.type
    this.name = measure.name
    this.help = measure.help
    this.labels = measure.labels
    this.#measure = measure
    this.#claims = claims
    this.#report = report
  }

  samples(): Sample[] {
    const samples = new Map<string, { labels: Record<string, string>; value: number }>()
    try {
      this.#measure.read((value, ...values) => {
        if (typeof value !== 'number')
          throw new TypeError(`measure ${this.name} showed ${value}, not a number`)
        const labels: Record<string, string> = {}
        for (const [index, name] of this.labels.entries())
          labels[name] = this.#claims.of(name, values[index] ?? '')
        const key = Object.values(labels).join('\u0000')
        const known = samples.get(key)
        // What shares `other` is shown as their sum.
        if (known === undefined) samples.set(key, { labels, value })
        else known.value += value
      })
    } catch (error) {
      if (!this.#told) this.#report(error)
      this.#told = true
    }
    return [...samples.values()]
  }
}
