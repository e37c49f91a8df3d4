/** How the values that several processes have of one series become one. */
export type Across = 'sum' | 'min' | 'max' | 'average'

/** Takes one value of a measure, with the values of its labels in their order. */
export type Show = (value: number, ...labels: string[]) => void

/**
 * A figure that a part of the gateway keeps anyway, such as the length of a queue: it costs nothing until somebody
 * asks. Plugins add theirs to `gateway.gauges`; `@gatewright/metrics` shows them to Prometheus.
 */
export interface Gauge {
  /** By the rules of Prometheus: lower case, base units, `_total` at the end of a counter. */
  readonly name: string
  /** One sentence. */
  readonly help: string
  /** A counter only grows while the process runs. */
  readonly type: 'gauge' | 'counter'
  /** The names of the labels. Their values must be few: ids, never paths. */
  readonly labels: readonly string[]
  /** How those of several workers become one. Default 'sum'; of a counter always that. */
  readonly across?: Across
  /** Shows every value it has now. Called once the app is ready. */
  read(show: Show): void
}
