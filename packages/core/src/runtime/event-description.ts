import type { Route } from '../model/route.js'
import type { Snapshot } from '../model/snapshot.js'

/** The value of a label where there is nothing to name: no route, no pool, no reason. */
export const NO_LABEL = 'none'

/** Takes the values of a counter's labels, in their order. */
export type Count = (...labels: string[]) => void

/** A counter of metrics that counts events. */
export interface EventCounter<Event> {
  /** By the rules of Prometheus: lower case, `_total` at its end. */
  readonly name: string
  /** One sentence. */
  readonly help: string
  /** The names of the labels. Their values must be few: ids, never paths. */
  readonly labels: readonly string[]
  /** Calls `count` with the labels to count; does not call it for an event that does not count. */
  read(event: Event, count: Count): void
  /**
   * Calls `count` with the labels of every series that this configuration can have, besides those of routes. They begin at
   * zero, as Prometheus sees no increase from nothing to one.
   */
  zeros?(snapshot: Snapshot, count: Count): void
  /** The same for the series of one route. There may be thousands: requests go on between them. */
  zerosOf?(route: Route, snapshot: Snapshot, count: Count): void
}

/** Series of a counter that begin at zero. */
export interface BeginAtZero {
  readonly counter: string
  readonly zeros?: EventCounter<never>['zeros'] | undefined
  readonly zerosOf?: EventCounter<never>['zerosOf'] | undefined
}

/** How an event is counted, noted and shown. All of it is optional. */
export interface EventDescription<Event> {
  /** Shown by metrics. */
  readonly counters?: readonly EventCounter<Event>[]
  /**
   * The event in words, for how a request went (`why(requestId)`); `null` for one that is no news. It is noted of the event's
   * `exchange`; without one, of every exchange under way that has to do with its `pool`.
   */
  note?(event: Event): string | null
  /** Whether the exchange whose attempt has caused it is kept among the failures, whatever its response. */
  isFailure?(event: Event): boolean
  /** Whether it is an event of the span of its `exchange`, with its text and numbers as attributes. Default false. */
  readonly span?: boolean
}
