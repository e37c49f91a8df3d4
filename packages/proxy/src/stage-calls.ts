import {
  type AttemptRecord,
  type Candidates,
  type Endpoint,
  type Exchange,
  GatewayError,
  noRetry,
  type Pool,
  type Stages
} from '@gatewright/core'

/** Told of what a stage has thrown; the request goes on. */
export type Report = (error: unknown) => void

/** Filters the pool's endpoints and picks one. Throws `no_endpoint`, and whatever a filter or the policy throws. */
export function pickEndpoint({ filters }: Stages, pool: Pool, exchange: Exchange): Endpoint {
  let usable = pool.candidates
  for (const filter of filters) usable = usable.filter((candidate) => filter.accepts(candidate, exchange))
  if (usable.length === 0) throw new GatewayError('no_endpoint', { detail: `pool '${pool.id}'` })
  return pool.policy.pick(usable as Candidates, exchange)
}

/** Counts an attempt that begins and tells the policy and the observers. */
export function tellStarted(
  stages: Stages,
  pool: Pool,
  exchange: Exchange,
  endpoint: Endpoint,
  report: Report
): void {
  endpoint.inFlight++
  endpoint.started++
  try {
    pool.policy.started?.(endpoint, exchange)
  } catch (error) {
    report(error)
  }
  for (const observer of stages.observers) {
    try {
      observer.started?.(endpoint, exchange)
    } catch (error) {
      report(error)
    }
  }
}

/** Counts an attempt that is over and tells the policy and the observers; one that throws does not stop the others. */
export function tellEnded(
  stages: Stages,
  pool: Pool,
  exchange: Exchange,
  attempt: AttemptRecord,
  report: Report
): void {
  attempt.endpoint.inFlight--
  try {
    pool.policy.ended?.(attempt, exchange)
  } catch (error) {
    report(error)
  }
  for (const observer of stages.observers) {
    try {
      observer.ended?.(attempt, exchange)
    } catch (error) {
      report(error)
    }
  }
}

/** Asks the retry policy; one that throws does not try again. */
export function decideRetry(
  { retry }: Stages,
  attempt: AttemptRecord,
  exchange: Exchange,
  report: Report
): number | null {
  if (retry === noRetry) return null
  try {
    return retry.decide(attempt, exchange)
  } catch (error) {
    report(error)
    return null
  }
}

const IDEMPOTENT = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PROPFIND',
  'SEARCH',
  'REPORT',
  'QUERY'
])

/** Whether sending the request twice does no more than sending it once (RFC 9110, section 9.2.2), and can be done. */
export function isRepeatable({ method, replayable }: Exchange): boolean {
  return replayable && IDEMPOTENT.has(method)
}
