import type { Snapshot } from '../model/snapshot.js'

/** An alert of Prometheus for a state that should not last. */
export interface Alert {
  /** In camel case, such as `CacheEvicts`. Those of Gatewright's own begin with `Gateway`, and lead to its playbooks unless `runbook` says otherwise. */
  readonly name: string
  /** PromQL that has results while the alert holds. Use averages of what is sampled: one better sample must not begin the wait again. */
  readonly expr: string
  /** For how long it must hold, by Prometheus's rules: `5m`. */
  readonly for: string
  /** `page` wakes an operator, `ticket` waits for the morning. */
  readonly severity: 'page' | 'ticket'
  /** One line; templates of Prometheus such as `{{ $labels.pool }}` are expanded. */
  readonly summary: string
  readonly description: string
  /** URL of what to do about it: the annotation `runbook_url`. */
  readonly runbook?: string
}

/** One graph of a dashboard. */
export interface Panel {
  readonly title: string
  /** A unit by Grafana's names: `reqps`, `s`, `percentunit`, `none`. */
  readonly unit: string
  /** In their queries `$route` and `$pool` are the variables of the dashboard. */
  readonly targets: readonly { readonly expr: string; readonly legend: string }[]
}

/**
 * What a feature adds to the alerts and the dashboard that metrics generate. A plugin adds its own to `gateway.monitoring`.
 *
 * @example
 * app.gateway.monitoring.push({
 *   isUsed: ({ config }) => config.cache !== undefined,
 *   alerts: [],
 *   panels: [panel('Cache hits', 'percentunit', ['sum(rate(cache_hits_total[$__rate_interval]))', 'hits'])]
 * })
 */
export interface Monitoring {
  /** Whether a configuration uses it: otherwise nothing of it is generated. */
  isUsed(snapshot: Snapshot): boolean
  readonly alerts: readonly Alert[]
  readonly panels: readonly Panel[]
  /** The row of the dashboard that the panels are in. Default `Policies`. */
  readonly row?: 'Pools' | 'Policies'
}

/** A panel with a query and its legend for each graph. */
export function panel(title: string, unit: string, ...targets: [expr: string, legend: string][]): Panel {
  return { title, unit, targets: targets.map(([expr, legend]) => ({ expr, legend })) }
}
