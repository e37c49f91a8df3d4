import type {
  AttemptObserver,
  AttemptRecord,
  Clock,
  Exchange,
  ExchangeObserver,
  Gateway,
  Pool,
  RouteSlot
} from '@gatewright/core'
import { printable } from '@gatewright/core'
import { Entry } from './entry.js'
import { type Flight, factNotesOf, flightOf } from './flight.js'
import type { NoteTaker } from './notes.js'
import { Ring } from './ring.js'
import { factsOf, type RouteFacts } from './route-facts.js'
import type { RecorderSettings } from './settings.js'
import { storyOf } from './story.js'
import { type Note, Trail } from './trail.js'

/** How the last requests went: `app.flightRecorder`. */
export interface FlightRecorder {
  /** How a request went and why, in a few lines; for one that is not kept, a sentence that says so. */
  why(requestId: string): string
  /** The last exchanges, newest first. `n` from 0; default 10. */
  last(n?: number): Flight[]
  /** The last ones that failed (a status of 500 and above, a reason or a fallback) or caused one to come, such as an open breaker. */
  failures(n?: number): Flight[]
  /** How many are kept now. */
  readonly size: { readonly recent: number; readonly failures: number }
}

/** A change that affects running exchanges of a pool, or all (`null`). */
interface Change extends Note {
  readonly poolId: string | null
}

const MOST_CHANGES = 32

/** Keeps entries of ended exchanges, and notes of running ones. */
export class Recorder implements FlightRecorder, ExchangeObserver, AttemptObserver, NoteTaker {
  #settings: RecorderSettings | null = null
  readonly #clock: Clock
  readonly #wallClock: Clock
  readonly #slot: number
  #recent = newRing()
  #failures = newRing()
  readonly #facts: RouteSlot<RouteFacts>
  #changes: readonly Change[] = []
  #changedAt = Number.NEGATIVE_INFINITY
  // Such a change arrives while observers are notified of the attempt that caused it; its exchange is unknown before.
  #caused = false

  /** Keeps nothing before {@link use}. */
  constructor(gateway: Pick<Gateway, 'clock' | 'claimSlot' | 'claimRouteSlot'>, wallClock: Clock) {
    this.#clock = gateway.clock
    this.#wallClock = wallClock
    this.#slot = gateway.claimSlot()
    this.#facts = gateway.claimRouteSlot()
  }

  /** Sets how much is kept, the newest first; `null` keeps nothing and discards everything. */
  use(settings: RecorderSettings | null): void {
    this.#settings = settings
    if (settings === null) {
      this.#recent = newRing()
      this.#failures = newRing()
      this.#changes = []
    } else {
      this.#recent.resize(settings.recent)
      this.#failures.resize(settings.failures)
    }
  }

  closed(exchange: Exchange): void {
    if (this.#settings === null) return
    let trail = exchange.slot(this.#slot) as Trail | undefined
    if (this.#changedAt >= exchange.startedAt) trail = this.#withChanges(exchange, trail)
    const failed = exchange.status >= 500 || exchange.reason !== null || exchange.fallback !== null
    this.#keep(this.#recent.claim(), exchange, trail, failed)
    if (failed || trail?.isFailure === true) this.#keep(this.#failures.claim(), exchange, trail, failed)
  }

  answered(_attempt: AttemptRecord, exchange: Exchange): void {
    if (this.#caused) this.#trail(exchange).isFailure = true
    this.#caused = false
  }

  ended(attempt: AttemptRecord, exchange: Exchange): void {
    this.answered(attempt, exchange)
  }

  noted(exchange: Exchange, text: string, isFailure: boolean): void {
    const trail = this.#trail(exchange)
    trail.note(this.#clock(), text)
    if (isFailure) trail.isFailure = true
  }

  changed(pool: Pool | null, text: string, isFailure: boolean): void {
    this.#changedAt = this.#clock()
    const change = { at: this.#changedAt, poolId: pool?.id ?? null, text }
    this.#changes = [...this.#changes, change].slice(-MOST_CHANGES)
    if (!isFailure) return
    this.#caused = true
    queueMicrotask(() => {
      this.#caused = false
    })
  }

  why(requestId: string): string {
    if (this.#settings === null) return "Nothing is kept: set 'flightRecorder: true' in the configuration."
    for (const ring of [this.#recent, this.#failures])
      for (const entry of ring.newest())
        if (entry.requestId === requestId) return storyOf(flightOf(entry), factNotesOf(entry))
    const { recent, failures } = this.#settings
    const { oldest } = this.#recent
    const since =
      oldest === undefined
        ? 'None was over yet'
        : `The oldest of them is ${printable(oldest.requestId)}, from ${flightOf(oldest).startedAt}`
    return `Request ${printable(requestId, 128)} is not kept: only the last ${recent} requests and the last ${failures} failures are, once they are over. ${since}.`
  }

  last(n = 10): Flight[] {
    return flightsIn(this.#recent, n)
  }

  failures(n = 10): Flight[] {
    return flightsIn(this.#failures, n)
  }

  get size(): { readonly recent: number; readonly failures: number } {
    return { recent: this.#recent.count, failures: this.#failures.count }
  }

  #keep(entry: Entry, exchange: Exchange, trail: Trail | undefined, failed: boolean): void {
    entry.fill(exchange, this.#factsOf(exchange), trail, this.#wallClock())
    if (failed && exchange.pool !== null) entry.fillEndpoints(exchange.pool)
  }

  #factsOf({ route, snapshot }: Exchange): RouteFacts | null {
    if (route === null) return null
    let facts = this.#facts.of(route)
    if (facts === undefined) {
      facts = factsOf(route, snapshot)
      this.#facts.set(route, facts)
    }
    return facts
  }

  #trail(exchange: Exchange): Trail {
    const known = exchange.slot(this.#slot) as Trail | undefined
    if (known !== undefined) return known
    const trail = new Trail()
    exchange.setSlot(this.#slot, trail)
    return trail
  }

  #withChanges(exchange: Exchange, trail: Trail | undefined): Trail | undefined {
    const { startedAt, pool, attempts } = exchange
    const concerned = this.#changes.filter(
      ({ at, poolId }) =>
        at >= startedAt &&
        (poolId === null ||
          poolId === pool?.id ||
          attempts.some(({ endpoint }) => endpoint.poolId === poolId))
    )
    if (concerned.length === 0) return trail
    const longer = trail ?? this.#trail(exchange)
    for (const { at, text } of concerned) longer.note(at, text)
    longer.notes.sort((one, other) => one.at - other.at)
    return longer
  }
}

function flightsIn(ring: Ring<Entry>, n: number): Flight[] {
  const flights: Flight[] = []
  for (const entry of ring.newest()) {
    if (flights.length >= n) break
    flights.push(flightOf(entry))
  }
  return flights
}

function newRing(): Ring<Entry> {
  return new Ring(1, () => new Entry())
}
