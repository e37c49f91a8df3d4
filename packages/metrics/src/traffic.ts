import {
  type AttemptObserver,
  type AttemptRecord,
  type Exchange,
  type ExchangeObserver,
  NO_LABEL,
  type Pool,
  type Route,
  type RouteSlot,
  verdictOf
} from '@gatewright/core'
import type { Counter } from './counter.js'
import type { EndpointSeriesMap } from './endpoint-series.js'
import { CLASSES, type Families } from './families.js'
import type { Histogram } from './histogram.js'

/** The status of a client that left. */
const LEFT = 499

/** Counts requests and attempts as they end. The series of a route, a pool or an endpoint are looked up once. */
export class Traffic implements ExchangeObserver, AttemptObserver {
  readonly #families: Families
  readonly #endpoints: EndpointSeriesMap
  readonly #routes: RouteSlot<RouteSeries>
  #unmatched: RouteSeries | null = null

  constructor(families: Families, endpoints: EndpointSeriesMap, routes: RouteSlot<RouteSeries>) {
    this.#routes = routes
    this.#families = families
    this.#endpoints = endpoints
  }

  closed(exchange: Exchange): void {
    const { route, status, reason, fallback, complete } = exchange
    const series = this.#seriesOf(route)
    const head = headAt(exchange)
    series.answered(status, head === 0 ? -1 : (head - exchange.startedAt) / 1_000)
    series
      .to(exchange.pool)
      .count(status, (exchange.endedAt - exchange.startedAt) / 1_000, exampleOf(exchange))
    series.requestSizes.record(exchange.bytesReceived, '')
    series.responseSizes.record(exchange.bytesSent, '')
    if (reason !== null) {
      this.#families.reasons.at(series.id, reason).value++
      if (!complete && status < 500 && exchange.snapshot.reasons[reason].status >= 500)
        this.#families.broken.at(series.id, reason).value++
    }
    if (fallback !== null) this.#families.fallbacks.at(series.id, fallback).value++
  }

  ended(attempt: AttemptRecord, exchange: Exchange): void {
    const { endpoint, startedAt, endedAt, dispatchedAt, sentAt, headAt } = attempt
    const { requests, durations, phases } = this.#endpoints.of(endpoint)
    if (verdictOf(attempt) === 'fault') this.#endpoints.failed(endpoint, attempt.failure ?? 'status_5xx')
    if (dispatchedAt === 0) {
      // It was refused in the line for connections, or left it: there is nothing that the upstream could know of.
      if (attempt.failure !== 'pool_queue_full') phases.queue.record((endedAt - startedAt) / 1_000, '')
      return
    }
    const total = (endedAt - startedAt) / 1_000
    const waited = dispatchedAt - startedAt
    requests.value++
    if (attempt.reconnected) this.#families.resends.at(endpoint.poolId).value++
    durations.record(total, exampleOf(exchange))
    phases.total.record(total, '')
    if (waited > 0) phases.queue.record(waited / 1_000, '')
    if (!attempt.reused && sentAt > 0) phases.connect.record((sentAt - dispatchedAt) / 1_000, '')
    if (headAt > 0) phases.firstByte.record((headAt - sentAt) / 1_000, '')
  }

  #seriesOf(route: Route | null): RouteSeries {
    if (route === null) {
      this.#unmatched ??= new RouteSeries(this.#families, NO_LABEL)
      return this.#unmatched
    }
    let series = this.#routes.of(route)
    if (series === undefined) {
      series = new RouteSeries(this.#families, route.id)
      this.#routes.set(route, series)
    }
    return series
  }
}

/** When the response's head was sent, in milliseconds of the exchange's clock; 0 if unknown. */
function headAt({ attempts, endedAt, status, reason, response, snapshot }: Exchange): number {
  if (reason !== null && snapshot.reasons[reason].status === status) return endedAt
  let head = 0
  for (const attempt of attempts) if (!attempt.cancelled && attempt.headAt > head) head = attempt.headAt
  if (head > 0) return head
  // A handler's own event stream.
  return String(response.getHeader('content-type')).startsWith('text/event-stream') ? 0 : endedAt
}

// A trace that is not recorded is no exemplar: it could not be looked up.
function exampleOf({ traceSampled, traceId }: Exchange): string {
  return traceSampled ? traceId : ''
}

/** The series of one route. */
export class RouteSeries {
  readonly id: string
  readonly requestSizes: Histogram
  readonly responseSizes: Histogram
  readonly #families: Families
  readonly #classes: readonly Counter[]
  readonly #heads: Histogram
  #pool: Pool | null = null
  #latest: PoolSeries | null = null
  readonly #pools = new Map<string, PoolSeries>()

  constructor(families: Families, id: string) {
    this.#families = families
    this.id = id
    this.requestSizes = families.requestSizes.at(id)
    this.responseSizes = families.responseSizes.at(id)
    this.#classes = CLASSES.map((one) => families.responses.at(id, one))
    this.#heads = families.heads.at(id)
  }

  /** Counts a response whose head came after so many seconds; below 0 if unknown. */
  answered(status: number, seconds: number): void {
    const index = status === LEFT ? 0 : Math.min(Math.max(Math.floor(status / 100), 2), CLASSES.length) - 1
    ;(this.#classes[index] as Counter).value++
    if (status !== LEFT && seconds >= 0) this.#heads.record(seconds, '')
  }

  /** The series of the requests that went to this pool: mostly the same one. */
  to(pool: Pool | null): PoolSeries {
    if (this.#latest !== null && this.#pool === pool) return this.#latest
    const id = pool?.id ?? NO_LABEL
    let series = this.#pools.get(id)
    if (series === undefined) {
      series = new PoolSeries(this.#families, this.id, id)
      this.#pools.set(id, series)
    }
    this.#pool = pool
    this.#latest = series
    return series
  }
}

/** The series of one route and one pool. */
class PoolSeries {
  readonly #families: Families
  readonly #route: string
  readonly #pool: string
  readonly #durations: Histogram
  readonly #statuses = new Map<number, Counter>()

  constructor(families: Families, route: string, pool: string) {
    this.#families = families
    this.#route = route
    this.#pool = pool
    this.#durations = families.durations.at(route, pool)
  }

  count(status: number, seconds: number, traceId: string): void {
    let counter = this.#statuses.get(status)
    if (counter === undefined) {
      counter = this.#families.requests.at(this.#route, this.#pool, String(status))
      this.#statuses.set(status, counter)
    }
    counter.value++
    // The wait of a client that left is no measure of latency.
    if (status !== LEFT) this.#durations.record(seconds, traceId)
  }
}
