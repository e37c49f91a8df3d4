import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { createRequire } from 'node:module'
import { dashboardOf } from './dashboard.js'
import type { Exposer, Exposition } from './exposition.js'
import type { Inventory } from './inventory.js'
import { type RuleFile, rulesOf } from './rules.js'
import type { Family } from './sample.js'
import type { MetricsSettings } from './settings.js'

/** The answer to a scrape. */
export interface Scrape {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The metrics of a gateway: `app.metrics`. */
export class Metrics {
  /** Where they are served. */
  readonly path: string
  /** Whether the app itself serves them, or a listener beside it. */
  readonly listener: 'app' | 'probes'
  readonly #exposer: Exposer
  readonly #requireToken: boolean
  #token: Buffer | null = null
  readonly #report: (error: unknown) => void
  readonly #inventory: () => Inventory

  /** With `requireToken` nobody is let in before {@link useToken}. */
  constructor(
    { path, listener, requireToken }: Pick<MetricsSettings, 'path' | 'listener' | 'requireToken'>,
    exposer: Exposer,
    inventory: () => Inventory,
    report: (error: unknown) => void
  ) {
    this.path = path
    this.listener = listener
    this.#exposer = exposer
    this.#requireToken = requireToken
    this.#report = report
    this.#inventory = inventory
  }

  /** Sets the token that is asked for; it must not be empty. */
  useToken(token: string): void {
    this.#token = token === '' ? null : digest(token)
  }

  /** The text as Prometheus reads it, or as OpenMetrics with exemplars. */
  show(format: 'prometheus' | 'openmetrics' = 'prometheus'): Promise<Exposition> {
    return this.#exposer.show(format === 'openmetrics')
  }

  /** What there is to be shown: names, types, labels and meanings, prom-client's own left out. */
  get families(): readonly Family[] {
    return this.#exposer.families
  }

  /** Alerts for what runs now, as a file of rules for Prometheus. Throws before the app is ready. */
  rules(): RuleFile {
    return rulesOf(this.#inventory())
  }

  /** A dashboard for what runs now, to be imported by Grafana. Throws before the app is ready. */
  dashboard(): object {
    return dashboardOf(this.#inventory())
  }

  /** The paths that {@link answer} knows. */
  get paths(): readonly string[] {
    return [this.path, this.#rulesPath, this.#dashboardPath]
  }

  /**
   * Answers a scrape: checks the token and picks the format by `Accept`. Below the path are `rules.yml` and
   * `dashboard.json`. Never rejects.
   */
  async answer(path: string, { authorization, accept }: IncomingHttpHeaders): Promise<Scrape> {
    if (!this.#admits(authorization))
      return refusal(401, 'a bearer token is needed', { 'www-authenticate': 'Bearer' })
    try {
      if (path === this.#rulesPath) return success('application/yaml', toYaml(this.rules()))
      if (path === this.#dashboardPath)
        return success('application/json', JSON.stringify(this.dashboard(), null, 2))
      const { type, body } = await this.#exposer.show(/application\/openmetrics-text/i.test(accept ?? ''))
      return success(type, body)
    } catch (error) {
      this.#report(error)
      return refusal(500, 'the metrics could not be read')
    }
  }

  get #rulesPath(): string {
    return `${this.path.replace(/\/$/, '')}/rules.yml`
  }

  get #dashboardPath(): string {
    return `${this.path.replace(/\/$/, '')}/dashboard.json`
  }

  // Digests have one length, and how many of their bytes agree says nothing of the token.
  #admits(authorization = ''): boolean {
    if (!this.#requireToken) return true
    if (this.#token === null) return false
    const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
    return timingSafeEqual(this.#token, digest(given))
  }
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
