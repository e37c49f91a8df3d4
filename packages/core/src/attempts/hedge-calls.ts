import type { Endpoint } from '../model/endpoint.js'
import type { Exchange } from '../model/exchange.js'
import { GatewayError } from '../model/gateway-error.js'
import { type AttemptRecord, isUpstreamFault } from '../model/outcome.js'
import { faultOf } from '../model/plugin-fault.js'
import type { Pool } from '../model/pool.js'
import type { Stages } from '../model/stages.js'
import { narrowed, pickEndpoint, type Report } from './stage-calls.js'

/** Asks the retry policy when a second attempt is due beside the first: in milliseconds, or `null` for never. */
export function hedgeDelay({ retry }: Stages, exchange: Exchange, report: Report): number | null {
  if (retry.hedgeDelay === undefined || exchange.attempts.length > 1) return null
  try {
    return retry.hedgeDelay(exchange)
  } catch (error) {
    report(faultOf('the retry policy', error), exchange)
    return null
  }
}

/**
 * Begins a second attempt beside the first, if there is another endpoint for it and neither the retry policy nor a gate is
 * against it. `begin` says whether it has begun: only then it is counted. Otherwise nothing is lost: the first one goes on.
 */
export function tryHedge(
  stages: Stages,
  pool: Pool,
  exchange: Exchange,
  begin: (endpoint: Endpoint) => boolean,
  report: Report
): void {
  const { filters, retry } = stages
  exchange.hedging = true
  try {
    // Before the policy is consulted, as it reports what it would have done or has no budget for.
    if (narrowed(filters, pool.candidatesFor(exchange), exchange).length === 0) return
    if (retry.mayHedge?.(exchange) !== true) return
    if (begin(pickEndpoint(stages, pool, exchange))) retry.hedged?.(exchange)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.reason === 'internal_error')
      report(faultOf('the retry policy', error), exchange)
  } finally {
    exchange.hedging = false
  }
}

/** Whether an attempt that is answered, or has failed, leaves the client to the other one that still runs. */
export function yieldsToRival(
  { retry }: Stages,
  attempt: AttemptRecord,
  exchange: Exchange,
  report: Report
): boolean {
  if (isUpstreamFault(attempt)) return true
  if (retry.yields === undefined) return false
  try {
    return retry.yields(attempt, exchange)
  } catch (error) {
    report(faultOf('the retry policy', error), exchange)
    return false
  }
}

/** Records whether the losing attempt was overdue, before observers are notified of its end. */
export function noteOverdue(
  { retry }: Stages,
  loser: AttemptRecord,
  winner: AttemptRecord,
  exchange: Exchange,
  report: Report
): void {
  try {
    loser.overdue = retry.isOverdue?.(loser, winner, exchange) === true
  } catch (error) {
    report(faultOf('the retry policy', error), exchange)
  }
}
