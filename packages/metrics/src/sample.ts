import type { Across } from '@gatewright/core'

/** The values of labels, by name. */
export type Labels = Readonly<Record<string, string>>

/** A trace that is an example of what a bucket counts. */
export interface Exemplar {
  readonly labelSet: { readonly trace_id: string }
  readonly value: number
  /** Seconds since the epoch. */
  readonly timestamp: number
}

/** One line of the exposition, as prom-client takes it. */
export interface Sample {
  readonly labels: Labels
  /** Labels that several lines have in common; prom-client keeps their text. */
  readonly sharedLabels?: Labels
  /** Default: the name of the family. */
  readonly metricName?: string
  readonly value: number
  readonly exemplar?: Exemplar
}

/** What describes a family of series. */
export interface Description {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** All series of one name. */
export interface Family extends Description {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How the values of several processes become one. Default 'sum'. */
  readonly across?: Across
  /** Its current value. */
  samples(): Sample[]
}
