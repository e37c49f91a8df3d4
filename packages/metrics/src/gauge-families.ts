import type { Across, Gauge } from '@gatewright/core'
import { type LabelCap, PassingClaims } from './label-cap.js'
import type { Family, Sample } from './sample.js'

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** The families of gauges, which may be added at any time. */
export class GaugeFamilies {
  readonly #claims: PassingClaims
  readonly #report: (error: unknown) => void
  readonly #known = new Map<Gauge, GaugeFamily | null>()

  /** `report` receives the error of a gauge that cannot be shown, once. */
  constructor(cap: LabelCap, report: (error: unknown) => void) {
    this.#claims = new PassingClaims(cap)
    this.#report = report
  }

  /** The families of one scrape. What the last one has shown, and this one does not, makes room for others. */
  of(gauges: readonly Gauge[]): Family[] {
    this.#claims.release()
    return gauges.flatMap((gauge) => this.#familyOf(gauge) ?? [])
  }

  #familyOf(gauge: Gauge): GaugeFamily | null {
    let family = this.#known.get(gauge)
    if (family !== undefined) return family
    const wrong = [gauge.name, ...gauge.labels].find((name) => !NAME.test(name))
    family = wrong === undefined ? new GaugeFamily(gauge, this.#claims, this.#report) : null
    if (family === null)
      this.#report(new TypeError(`gauge ${gauge.name}: '${wrong}' is no name that Prometheus reads`))
    this.#known.set(gauge, family)
    return family
  }
}

/** A gauge of another part of the gateway, read when metrics are asked for. */
export class GaugeFamily implements Family {
  readonly type: 'gauge' | 'counter'
  readonly across: Across
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly #gauge: Gauge
  readonly #claims: PassingClaims
  readonly #report: (error: unknown) => void
  #told = false

  /** `report` receives what reading throws, once; the other families are still shown. */
  constructor(gauge: Gauge, claims: PassingClaims, report: (error: unknown) => void) {
    this.type = gauge.type
    this.across = gauge.across ?? 'sum'
    this.name = gauge.name
    this.help = gauge.help
    this.labels = gauge.labels
    this.#gauge = gauge
    this.#claims = claims
    this.#report = report
  }

  samples(): Sample[] {
    const samples = new Map<string, { labels: Record<string, string>; value: number }>()
    try {
      this.#gauge.read((value, ...values) => {
        if (typeof value !== 'number') throw new TypeError(`gauge ${this.name} showed ${value}, not a number`)
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
