import { CounterFamily } from './counter.js'
import { HistogramFamily } from './histogram.js'
import type { LabelCap } from './label-cap.js'
import type { Family } from './sample.js'

/** Upper ends of the buckets of durations, in seconds: 1 ms to 60 s. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60
]

/** Upper ends of the buckets of sizes, in bytes: 256 B to 64 MiB. */
const SIZE_BUCKETS: readonly number[] = [
  2 ** 8,
  2 ** 10,
  2 ** 12,
  2 ** 14,
  2 ** 16,
  2 ** 18,
  2 ** 20,
  2 ** 23,
  2 ** 26
]

/** Classes of responses: clients that left, and statuses by their first digit. */
export const CLASSES = ['left', '2xx', '3xx', '4xx', '5xx'] as const

/** Everything that is counted as it happens. */
export interface Families {
  readonly requests: CounterFamily
  readonly responses: CounterFamily
  readonly durations: HistogramFamily
  readonly heads: HistogramFamily
  readonly requestSizes: HistogramFamily
  readonly responseSizes: HistogramFamily
  readonly reasons: CounterFamily
  readonly broken: CounterFamily
  readonly fallbacks: CounterFamily
  readonly upstreamRequests: CounterFamily
  readonly resends: CounterFamily
  readonly upstreamDurations: HistogramFamily
  readonly upstreamFailures: CounterFamily
  readonly phases: HistogramFamily
}

/** Makes the families. `buckets` of durations in seconds. */
export function createFamilies(cap: LabelCap, buckets: readonly number[]): Families {
  const counter = (name: string, labels: readonly string[], help: string): CounterFamily =>
    new CounterFamily({ name, help, labels }, cap)
  const seconds = (name: string, labels: readonly string[], help: string): HistogramFamily =>
    new HistogramFamily({ name, help, labels }, buckets, cap)
  const bytes = (name: string, help: string): HistogramFamily =>
    new HistogramFamily({ name, help, labels: ['route'] }, SIZE_BUCKETS, cap)
  return {
    requests: counter(
      'proxy_requests_total',
      ['route', 'pool', 'status'],
      'Requests that are over. Status 499: the client left before one was sent.'
    ),
    responses: counter(
      'proxy_responses_total',
      ['route', 'class'],
      'The same by class: 2xx, 3xx, 4xx, 5xx, and left for clients that left. What objectives go by: all classes are shown from the start.'
    ),
    durations: seconds(
      'proxy_request_duration_seconds',
      ['route', 'pool'],
      "From the request's head to the last byte of the answer. Clients that left (499) are not counted."
    ),
    heads: seconds(
      'proxy_response_head_seconds',
      ['route'],
      "From the request's head to the head of its answer, however long the rest goes on. Clients that left are not counted."
    ),
    requestSizes: bytes('proxy_request_size_bytes', 'Body bytes received and forwarded.'),
    responseSizes: bytes(
      'proxy_response_size_bytes',
      "Body bytes of answers, as far as they were written to clients' connections."
    ),
    reasons: counter(
      'proxy_request_reasons_total',
      ['route', 'reason'],
      'Requests that the gateway answered itself, or that broke off, by reason.'
    ),
    broken: counter(
      'proxy_broken_answers_total',
      ['route', 'reason'],
      'Answers that broke off after a good status had been sent.'
    ),
    fallbacks: counter(
      'proxy_fallbacks_total',
      ['route', 'reason'],
      "Answers of the route's fallback, by what went before."
    ),
    upstreamRequests: counter(
      'proxy_upstream_requests_total',
      ['pool', 'endpoint'],
      'Attempts that are over. Those that got no connection are none.'
    ),
    resends: counter(
      'proxy_upstream_resends_total',
      ['pool'],
      'Requests sent again within their attempt, as the kept connection they first went out on was closed.'
    ),
    upstreamDurations: seconds(
      'proxy_upstream_duration_seconds',
      ['pool', 'endpoint'],
      'From the beginning of an attempt to its end.'
    ),
    upstreamFailures: counter(
      'proxy_upstream_failures_total',
      ['pool', 'endpoint', 'reason'],
      "Attempts that failed by the endpoint's fault, by reason; `status_5xx` for its own errors."
    ),
    phases: seconds(
      'proxy_upstream_phase_seconds',
      ['pool', 'phase'],
      'Parts of attempts: queue (those that waited for a connection), connect (those that opened one), first_byte (from sending to the head of the answer), total.'
    )
  }
}

/** The families as a list. */
export function listed(families: Families): Family[] {
  return Object.values(families)
}
