import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { createRequire } from 'node:module'
import { InvalidValueError } from '@gatewright/core'
import { dashboardOf } from './dashboard.js'
import type { AcrossWorkers, Exposer, Exposition } from './exposition.js'
import type { Inventory } from './inventory.js'
import { type RuleFile, rulesOf } from './rules.js'
import type { Family } from './sample.js'
import type { MetricsListener, MetricsSettings } from './settings.js'

/** The response to a scrape. */
export interface Scrape {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The exposition while metrics are on. */
export interface Shown {
  readonly settings: Pick<MetricsSettings, 'path' | 'listener' | 'requireToken'>
  readonly exposer: Exposer
  readonly inventory: () => Inventory
  /** The token that `requireToken` demands; `''` admits no one. */
  readonly token: string
}

/** Shows in one format what several processes have counted. */
export type Gather = (format: 'prometheus' | 'openmetrics') => Promise<Exposition>

/** The metrics of a gateway: `app.metrics`. */
export class Metrics {
  #shown: Shown | null = null
  #token: Buffer | null = null
  readonly #report: (error: unknown) => void
  /** Shows what several processes have counted, this one among them; `null` while there is one. Set by whoever starts workers. */
  gather: Gather | null = null

  /** `report` receives errors of metrics that could not be shown. */
  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** Shows this from now on; `null` while metrics are off. */
  use(shown: Shown | null): void {
    this.#shown = shown
    this.#token = shown === null || shown.token === '' ? null : digest(shown.token)
  }

  /** Where they are served; `''` while they are off. */
  get path(): string {
    return this.#shown?.settings.path ?? ''
  }

  /** Whether the app itself serves them, or a listener beside it; `null` while they are off. */
  get listener(): MetricsListener | null {
    return this.#shown?.settings.listener ?? null
  }

  /** The text as Prometheus reads it, or as OpenMetrics with exemplars; of all workers where there are several. */
  show(format: 'prometheus' | 'openmetrics' = 'prometheus'): Promise<Exposition> {
    const shown = this.#on
    return this.gather === null ? shown.exposer.show(format === 'openmetrics') : this.gather(format)
  }

  /** The same of this process alone. */
  own(format: 'prometheus' | 'openmetrics' = 'prometheus'): Promise<Exposition> {
    return this.#on.exposer.show(format === 'openmetrics')
  }

  /** How the values of several processes become one, by family, where they are not added up. */
  get across(): Readonly<Record<string, AcrossWorkers>> {
    return this.#on.exposer.across
  }

  /** What there is to be shown: names, types, labels and meanings, prom-client's own left out. */
  get families(): readonly Family[] {
    return this.#shown?.exposer.families ?? []
  }

  /** Alerts for what runs now, as a file of rules for Prometheus. Throws before the app is ready. */
  rules(): RuleFile {
    return rulesOf(this.#on.inventory())
  }

  /** A dashboard for what runs now, to be imported by Grafana. Throws before the app is ready. */
  dashboard(): object {
    return dashboardOf(this.#on.inventory())
  }

  /** The paths that {@link answer} knows. */
  get paths(): readonly string[] {
    return this.#shown === null ? [] : pathsOf(this.path)
  }

  /**
   * Answers a scrape: checks the token and picks the format by `Accept`. Below the path are `rules.yml` and
   * `dashboard.json`. Never rejects.
   */
  async answer(path: string, { authorization, accept }: IncomingHttpHeaders): Promise<Scrape> {
    if (this.#shown === null) return refusal(404, 'metrics are off')
    if (!this.#admits(authorization))
      return refusal(401, 'a bearer token is needed', { 'www-authenticate': 'Bearer' })
    try {
      const [, rules, dashboard] = this.paths
      if (path === rules) return success('application/yaml', toYaml(this.rules()))
      if (path === dashboard) return success('application/json', JSON.stringify(this.dashboard(), null, 2))
      const isOpen = /application\/openmetrics-text/i.test(accept ?? '')
      const { type, body } = await this.show(isOpen ? 'openmetrics' : 'prometheus')
      return success(type, body)
    } catch (error) {
      this.#report(error)
      return refusal(500, 'the metrics could not be read')
    }
  }

  get #on(): Shown {
    if (this.#shown === null)
      throw new InvalidValueError('app.metrics', 'asked while metrics are on: they are off')
    return this.#shown
  }

  // Digests have one length, and how many of their bytes agree says nothing of the token.
  #admits(authorization = ''): boolean {
    if (this.#shown?.settings.requireToken !== true) return true
    if (this.#token === null) return false
    const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
    return timingSafeEqual(this.#token, digest(given))
  }
}

/** Where metrics, alerts and dashboard are served. */
export function pathsOf(path: string): readonly string[] {
  const below = path.replace(/\/$/, '')
  return [path, `${below}/rules.yml`, `${below}/dashboard.json`]
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function success(type: string, body: string): Scrape {
  return { status: 200, headers: { 'content-type': type, 'cache-control': 'no-store' }, body }
}

function toYaml(rules: RuleFile): string {
  const { stringify } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  return stringify(rules, { lineWidth: 0 })
}

function refusal(status: number, text: string, more: Record<string, string> = {}): Scrape {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...more }
  return { status, headers, body: `${text}\n` }
}
