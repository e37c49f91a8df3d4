import type { Candidates } from '../model/balancing.js'
import type { Endpoint } from '../model/endpoint.js'
import type { Exchange } from '../model/exchange.js'
import { GatewayError } from '../model/gateway-error.js'
import type { AttemptRecord } from '../model/outcome.js'
import { faultOf, nameOfPart, type PluginFault, pluginFault, wrongResult } from '../model/plugin-fault.js'
import type { Pool } from '../model/pool.js'
import { type AttemptObserver, noRetry, type Stages } from '../model/stages.js'

/** Receives what a stage has thrown; the request continues. */
export type Report = (fault: PluginFault, exchange: Exchange | null) => void

/**
 * One turn of the attempt loop up to sending: gates, filters, the balancing policy, whose cookies are the attempt's
 * (`exchange.attemptCookies`). Throws what a gate answers, `no_endpoint`, and whatever a stage throws. Used by the forwarder and by simulations alike.
 */
export function pickEndpoint({ gates, filters }: Stages, pool: Pool, exchange: Exchange): Endpoint {
  exchange.attemptCookies = null
  let entered = 0
  let picking = false
  try {
    for (; entered < gates.length; entered++) {
      const refusal = gates[entered]?.enter(pool, exchange) ?? null
      if (refusal !== null) throw refusal
    }
    picking = true
    const candidates = pool.candidatesFor(exchange)
    picking = false
    const usable = narrowed(filters, candidates, exchange)
    if (usable.length === 0) throw new GatewayError('no_endpoint', { detail: `pool '${pool.id}'` })
    picking = true
    const endpoint = pool.policy.pick(usable as Candidates, exchange)
    if (endpoint?.poolId !== pool.id || (pool.checksPicks && !usable.includes(endpoint)))
      throw wrongResult(policyOf(pool), endpoint, 'one of the candidates')
    return endpoint
  } catch (error) {
    for (let index = 0; index < entered; index++) gates[index]?.left?.(pool, exchange)
    throw pluginFault(
      picking ? policyOf(pool) : (gateOf(gates[entered]) ?? `a filter of pool '${pool.id}'`),
      error
    )
  }
}

function gateOf(gate: Stages['gates'][number] | undefined): string | undefined {
  return gate === undefined ? undefined : `the gate '${gate.name}'`
}

function policyOf({ id, policyName }: Pool): string {
  return `the balancing policy '${policyName}' of pool '${id}'`
}

/** What the filters leave of the candidates; the same list when that is all of them. */
export function narrowed(
  filters: Stages['filters'],
  candidates: readonly Endpoint[],
  exchange: Exchange
): readonly Endpoint[] {
  let usable = candidates
  for (const filter of filters)
    usable =
      filter.narrow === undefined
        ? usable.filter((endpoint) => filter.accepts(endpoint, exchange))
        : filter.narrow(usable, exchange)
  return usable
}

/** Counts an attempt that begins, and notifies the policy and the observers. */
export function notifyStarted(
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
    report(faultOf(policyOf(pool), error), exchange)
  }
  for (const observer of stages.observers) {
    try {
      observer.started?.(endpoint, exchange)
    } catch (error) {
      blame(observer, error, exchange, report)
    }
  }
}

/** Notifies the observers that the request of an attempt is about to be made. */
export function notifySending(
  { observers }: Stages,
  exchange: Exchange,
  attempt: AttemptRecord,
  report: Report
): void {
  for (const observer of observers) {
    if (observer.sending === undefined) continue
    try {
      observer.sending(attempt, exchange)
    } catch (error) {
      blame(observer, error, exchange, report)
    }
  }
}

/** Notifies the observers that the head of a response has arrived. */
export function notifyAnswered(
  { observers }: Stages,
  exchange: Exchange,
  attempt: AttemptRecord,
  report: Report
): void {
  for (const observer of observers) {
    if (observer.answered === undefined) continue
    try {
      observer.answered(attempt, exchange)
    } catch (error) {
      blame(observer, error, exchange, report)
    }
  }
}

/** Counts an ended attempt and notifies the policy and the observers; one that throws does not stop the others. */
export function notifyEnded(
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
    report(faultOf(policyOf(pool), error), exchange)
  }
  for (const observer of stages.observers) {
    try {
      observer.ended?.(attempt, exchange)
    } catch (error) {
      blame(observer, error, exchange, report)
    }
  }
}

function blame(observer: AttemptObserver, error: unknown, exchange: Exchange, report: Report): void {
  report(faultOf(nameOfPart('an observer of attempts', observer), error), exchange)
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
    report(faultOf('the retry policy', error), exchange)
    return null
  }
}

/** Asks every admission in turn; the first refusal, or an error that one throws, ends it. */
export function admit(
  stages: Pick<Stages, 'admissions'>,
  exchange: Exchange,
  done: (refusal?: Error) => void
): void {
  ask(stages, 'admit', exchange, done, 0)
}

/** Asks every admission that cares again, for an exchange that goes to another pool. */
export function admitAgain(
  stages: Pick<Stages, 'admissions'>,
  exchange: Exchange,
  done: (refusal?: Error) => void
): void {
  ask(stages, 'moved', exchange, done, 0)
}

function ask(
  { admissions }: Pick<Stages, 'admissions'>,
  question: 'admit' | 'moved',
  exchange: Exchange,
  done: (refusal?: Error) => void,
  from: number
): void {
  if (from === 0) exchange.admittedTo = exchange.pool
  const admission = admissions[from]
  if (admission === undefined) {
    done()
    return
  }
  if (admission[question] === undefined) {
    ask({ admissions }, question, exchange, done, from + 1)
    return
  }
  try {
    admission[question](exchange, (refusal) => {
      if (refusal !== undefined) done(refusal)
      else ask({ admissions }, question, exchange, done, from + 1)
    })
  } catch (error) {
    done(pluginFault(`the admission '${admission.name}'`, error))
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

/** Whether a method can be sent twice without harm (RFC 9110, section 9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

/** Whether sending the request twice does no more than sending it once, and can be done. */
export function isRepeatable({ upstreamMethod, replayable }: Exchange): boolean {
  return replayable && IDEMPOTENT.has(upstreamMethod)
}
