import {
  type AttemptObserver,
  type AttemptRecord,
  type Endpoint,
  type Exchange,
  type ExchangeObserver,
  isUpstreamFault,
  type Pool,
  type Route
} from '@gatewright/core'
import type { Counter } from './counter.js'
import type { Families } from './families.js'
import type { Histogram } from './histogram.js'
import type { LabelCap } from './label-cap.js'

/** The label of requests that no route matched, or that go to no pool. */
export const NONE = 'none'

/** Counts requests and attempts as they end. The series of a route, a pool or an endpoint are looked up once. */
export class Traffic implements ExchangeObserver, AttemptObserver {
  readonly #families: Families
  readonly #cap: LabelCap
  readonly #routes = new WeakMap<Route, RouteSeries>()
  readonly #unmatched: RouteSeries
  readonly #endpoints = new WeakMap<Endpoint, EndpointSeries>()
  readonly #phases = new Map<string, PhaseSeries>()
  readonly #gone = new Set<Endpoint>()

  constructor(families: Families, cap: LabelCap) {
    this.#families = families
    this.#cap = cap
    this.#unmatched = new RouteSeries(families, NONE)
  }

  closed(exchange: Exchange): void {
    const { route, pool, reason, fallback, cache } = exchange
    const series = route === null ? this.#unmatched : this.#seriesOf(route)
    series.to(pool).count(exchange.status, (exchange.endedAt - exchange.startedAt) / 1_000, exchange.traceId)
    series.requestSizes.record(exchange.bytesReceived, '')
    series.responseSizes.record(exchange.bytesSent, '')
    if (reason !== null) this.#families.reasons.at(series.id, reason).value++
    if (fallback !== null) this.#families.fallbacks.at(series.id, fallback).value++
    if (cache !== null) this.#families.cache.at(series.id, cache).value++
  }

  ended(attempt: AttemptRecord, exchange: Exchange): void {
    const { endpoint, startedAt, endedAt, dispatchedAt, sentAt, headAt, failure } = attempt
    const series = this.#endpoints.get(endpoint) ?? this.#add(endpoint)
    const { phases } = series
    const total = (endedAt - startedAt) / 1_000
    series.requests.value++
    series.durations.record(total, exchange.traceId)
    phases.total.record(total, '')
    if (dispatchedAt > startedAt) phases.queue.record((dispatchedAt - startedAt) / 1_000, '')
    if (!attempt.reused && sentAt > 0) phases.connect.record((sentAt - dispatchedAt) / 1_000, '')
    if (headAt > 0) phases.firstByte.record((headAt - sentAt) / 1_000, '')
    if (failure !== null) this.#failed(endpoint, failure)
    else if (isUpstreamFault(attempt)) this.#failed(endpoint, 'status_5xx')
  }

  /** The endpoint has left its pool. Its series go once its last attempt is over and was shown. */
  left(endpoint: Endpoint): void {
    this.#gone.add(endpoint)
  }

  /** Called after the series were shown. */
  sweep(): void {
    for (const endpoint of this.#gone) {
      if (endpoint.inFlight > 0) continue
      this.#gone.delete(endpoint)
      this.#endpoints.delete(endpoint)
      this.#cap.forget('endpoint', endpoint.url)
      const { upstreamRequests, upstreamDurations, upstreamFailures } = this.#families
      const { poolId, url } = endpoint
      upstreamRequests.drop(poolId, url)
      upstreamDurations.drop(poolId, url)
      for (const { labels } of upstreamFailures.series())
        if (labels.pool === poolId && labels.endpoint === url)
          upstreamFailures.drop(poolId, url, labels.reason as string)
    }
  }

  #failed({ poolId, url }: Endpoint, reason: string): void {
    this.#families.upstreamFailures.at(poolId, url, reason).value++
  }

  #seriesOf(route: Route): RouteSeries {
    let series = this.#routes.get(route)
    if (series === undefined) {
      series = new RouteSeries(this.#families, route.id)
      this.#routes.set(route, series)
    }
    return series
  }

  #add(endpoint: Endpoint): EndpointSeries {
    const { poolId, url } = endpoint
    let phases = this.#phases.get(poolId)
    if (phases === undefined) {
      phases = phasesOf(this.#families, poolId)
      this.#phases.set(poolId, phases)
    }
    const series: EndpointSeries = {
      requests: this.#families.upstreamRequests.at(poolId, url),
      durations: this.#families.upstreamDurations.at(poolId, url),
      phases
    }
    this.#endpoints.set(endpoint, series)
    return series
  }
}

interface EndpointSeries {
  readonly requests: Counter
  readonly durations: Histogram
  readonly phases: PhaseSeries
}

interface PhaseSeries {
  readonly queue: Histogram
  readonly connect: Histogram
  readonly firstByte: Histogram
  readonly total: Histogram
}

function phasesOf({ phases }: Families, poolId: string): PhaseSeries {
  return {
    queue: phases.at(poolId, 'queue'),
    connect: phases.at(poolId, 'connect'),
    firstByte: phases.at(poolId, 'first_byte'),
    total: phases.at(poolId, 'total')
  }
}

/** The series of one route. */
class RouteSeries {
  readonly id: string
  readonly requestSizes: Histogram
  readonly responseSizes: Histogram
  readonly #families: Families
  #pool: Pool | null = null
  #latest: PoolSeries | null = null
  readonly #pools = new Map<string, PoolSeries>()

  constructor(families: Families, id: string) {
    this.#families = families
    this.id = id
    this.requestSizes = families.requestSizes.at(id)
    this.responseSizes = families.responseSizes.at(id)
  }

  /** The series of the requests that went to this pool: mostly the same one. */
  to(pool: Pool | null): PoolSeries {
    if (this.#latest !== null && this.#pool === pool) return this.#latest
    const id = pool?.id ?? NONE
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
    this.#durations.record(seconds, traceId)
  }
}
