import { allRoutes, type Clock, type Snapshot } from '@gatewright/core'
import type { LabelCap } from './label-cap.js'

/** How long the series of a route or pool stay after its last request, in milliseconds: everybody has scraped them by then. */
const KEPT_MS = 5 * 60_000

/** Families whose series can be forgotten by the value of a label. */
interface Forgetful {
  readonly labels: readonly string[]
  forget(label: string, value: string): void
}

type Label = 'route' | 'pool'

/** The ids of a configuration: of all of it, a long response would hold hundreds in memory. */
type Ids = Readonly<Record<Label, ReadonlySet<string>>>

/**
 * Forgets the series of routes and pools that no configuration has any more: after their last request, and a while in which
 * they are scraped; sooner, where others need their names.
 */
export class DepartedSeries {
  readonly #families: () => readonly Forgetful[]
  readonly #clock: Clock
  readonly #departs: (label: Label, id: string) => void
  /** Configurations that requests may run on, oldest first. */
  readonly #alive: Ids[] = []
  readonly #departed = { route: new Map<string, number>(), pool: new Map<string, number>() }

  /** `families`: all that have a label for routes or pools. `departs` is called before the series of an id go. */
  constructor(
    families: () => readonly Forgetful[],
    cap: LabelCap,
    clock: Clock,
    departs: (label: Label, id: string) => void
  ) {
    this.#families = families
    this.#clock = clock
    this.#departs = departs
    for (const label of ['route', 'pool'] as const) cap.whenFull(label, () => this.#makeRoom(label))
  }

  /** A configuration takes over. */
  came(next: Snapshot): void {
    const ids = { route: idsOf(next, 'route'), pool: idsOf(next, 'pool') }
    this.#alive.push(ids)
    for (const label of ['route', 'pool'] as const)
      for (const id of this.#departed[label].keys()) if (ids[label].has(id)) this.#departed[label].delete(id)
  }

  /** No request runs on the oldest configuration any more. */
  left(): void {
    const [before] = this.#alive
    if (before === undefined || this.#alive.length === 1) return
    this.#alive.shift()
    const now = this.#clock()
    for (const label of ['route', 'pool'] as const) {
      for (const id of before[label])
        if (!this.#alive.some((ids) => ids[label].has(id))) this.#departed[label].set(id, now)
    }
    // Without scrapes, nothing else does it.
    this.sweep()
  }

  /** Removes series that have been gone long enough. Called before each scrape. */
  sweep(): void {
    const before = this.#clock() - KEPT_MS
    for (const label of ['route', 'pool'] as const)
      for (const [id, since] of this.#departed[label]) if (since <= before) this.#forget(label, id)
  }

  #makeRoom(label: Label): boolean {
    const [oldest] = this.#departed[label].keys()
    if (oldest === undefined) return false
    this.#forget(label, oldest)
    return true
  }

  #forget(label: Label, id: string): void {
    this.#departed[label].delete(id)
    this.#departs(label, id)
    for (const family of this.#families()) if (family.labels.includes(label)) family.forget(label, id)
  }
}

function idsOf(snapshot: Snapshot, label: Label): Set<string> {
  if (label === 'pool') return new Set(snapshot.pools.keys())
  const ids = new Set<string>()
  for (const { id } of allRoutes(snapshot)) ids.add(id)
  return ids
}
