import type { AttemptRecord, Exchange, Gateway, Pool } from '@gatewright/core'
import { type EventOf, SimulatedEvents, type Timed } from './simulated-events.js'

/** One second of a simulation. */
export interface SimulatedSecond {
  /** Requests that arrived in it. */
  requests: number
  /** Answers below 500 given in it. */
  good: number
  /** Other answers given in it. */
  failed: number
  /** Attempts begun in it. */
  attempts: number
  /** The same by endpoint, in the pool's order. */
  readonly byEndpoint: number[]
  /** 99th percentile of the good responses' times, in milliseconds; 0 without one. */
  p99Ms: number
}

/** What came of the requests of one kind. */
export interface SimulatedKind {
  requests: number
  /** Answers below 500. */
  good: number
  /** How often the gateway itself answered, by reason. */
  readonly reasons: Record<string, number>
}

/** What came of a simulation. */
export interface SimulationResult {
  readonly requests: number
  readonly attempts: number
  /** Good answers (below 500) ÷ requests. */
  readonly goodput: number
  /** Attempts ÷ requests. */
  readonly amplification: number
  /** Of good responses, to their heads, in milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** How often clients got each status. */
  readonly statuses: Readonly<Record<string, number>>
  /** How often the gateway itself answered, by reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** The same for each kind of requests, in the order of `load`. */
  readonly kinds: readonly SimulatedKind[]
  /** The events of the pool and its requests with this name, such as `breaker`, in order. */
  of<Name extends string>(name: Name): readonly Timed<EventOf<Name>>[]
  /** Endpoints that were ejected. */
  readonly ejections: readonly Timed<EventOf<'endpoint_health'>>[]
  readonly health: readonly Timed<EventOf<'endpoint_health'>>[]
  readonly breaker: readonly Timed<EventOf<'breaker'>>[]
  /** How often a second attempt beside the first was `sent`, has `won` or `lost`, or had no `budget`. */
  readonly hedges: Readonly<Record<string, number>>
  /** Requests without a response when the simulation was given up. */
  readonly unanswered: number
  /** What stages have thrown. */
  readonly errors: readonly unknown[]
  readonly timeline: readonly SimulatedSecond[]
}

/** Collects what happens in a simulation. */
export class SimulationRecord {
  readonly #startedAt: number
  readonly #index: ReadonlyMap<unknown, number>
  readonly #timeline: SimulatedSecond[]
  readonly #times: number[][]
  readonly #statuses: Record<string, number> = {}
  readonly #reasons: Record<string, number> = {}
  readonly #events: SimulatedEvents
  readonly #errors: unknown[] = []
  readonly #kinds: readonly SimulatedKind[]
  readonly #kindOf = new WeakMap<Exchange, SimulatedKind>()
  #requests = 0
  #attempts = 0
  /** Requests that wait for their answer. */
  open = 0

  constructor(gateway: Gateway, pool: Pool, startedAt: number, durationMs: number, kinds: number) {
    this.#kinds = Array.from({ length: kinds }, () => ({ requests: 0, good: 0, reasons: {} }))
    this.#startedAt = startedAt
    this.#index = new Map(pool.endpoints.map((endpoint, index) => [endpoint, index]))
    const seconds = Math.max(1, Math.ceil(durationMs / 1_000))
    this.#times = Array.from({ length: seconds }, () => [])
    this.#timeline = Array.from({ length: seconds }, () => ({
      requests: 0,
      good: 0,
      failed: 0,
      attempts: 0,
      byEndpoint: pool.endpoints.map(() => 0),
      p99Ms: 0
    }))
    this.#events = new SimulatedEvents(gateway, pool, startedAt)
  }

  readonly arrived = (exchange: Exchange, place: number): void => {
    const kind = this.#kinds[place] as SimulatedKind
    kind.requests++
    this.#kindOf.set(exchange, kind)
    this.#requests++
    this.open++
    this.#second(exchange.startedAt).requests++
  }

  readonly attempted = ({ startedAt, endpoint }: AttemptRecord): void => {
    this.#attempts++
    const second = this.#second(startedAt)
    second.attempts++
    const index = this.#index.get(endpoint)
    if (index !== undefined) second.byEndpoint[index] = (second.byEndpoint[index] ?? 0) + 1
  }

  readonly threw = (error: unknown): void => {
    this.#errors.push(error)
  }

  readonly closed = (exchange: Exchange): void => {
    const { status, reason, startedAt, endedAt, attempts } = exchange
    const kind = this.#kindOf.get(exchange) as SimulatedKind
    this.open--
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
    if (reason !== null) {
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1
      kind.reasons[reason] = (kind.reasons[reason] ?? 0) + 1
    }
    const second = this.#second(endedAt)
    if (status < 500) {
      second.good++
      kind.good++
      const { headAt } = attempts.findLast((attempt) => attempt.headAt > 0) ?? { headAt: endedAt }
      this.#times[this.#place(endedAt)]?.push(headAt - startedAt)
    } else second.failed++
  }

  result(): SimulationResult {
    this.#events.stop()
    const events = this.#events
    this.#times.forEach((times, index) => {
      ;(this.#timeline[index] as SimulatedSecond).p99Ms = percentile(Float64Array.from(times).sort(), 0.99)
    })
    const all = Float64Array.from(this.#times.flat()).sort()
    return {
      requests: this.#requests,
      attempts: this.#attempts,
      goodput: all.length / Math.max(1, this.#requests),
      amplification: this.#attempts / Math.max(1, this.#requests),
      p50Ms: percentile(all, 0.5),
      p99Ms: percentile(all, 0.99),
      statuses: this.#statuses,
      reasons: this.#reasons,
      kinds: this.#kinds,
      of: (name) => events.of(name),
      ejections: events
        .of('endpoint_health')
        .filter((change) => (change as { to?: unknown }).to === 'ejected'),
      health: events.of('endpoint_health'),
      breaker: events.of('breaker'),
      hedges: events.outcomes('hedge'),
      unanswered: this.open,
      errors: this.#errors,
      timeline: this.#timeline
    }
  }

  // What comes after the load has ended counts to its last second.
  #place(at: number): number {
    return Math.min(this.#timeline.length - 1, Math.floor((at - this.#startedAt) / 1_000))
  }

  #second(at: number): SimulatedSecond {
    return this.#timeline[this.#place(at)] as SimulatedSecond
  }
}

function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.floor(sorted.length * part)] ?? 0
}
