import {
  type AttemptRecord,
  type BalancingContext,
  type BalancingPolicy,
  type BalancingPolicyType,
  DURATION_PATTERN,
  type Duration,
  durationMs,
  type Endpoint,
  isUpstreamFault
} from '@gatewright/core'
import { type Estimate, estimateAt, observe } from './estimate.js'
import { FaultShare } from './fault-share.js'

/** Options of `peak-ewma`. */
export interface PeakEwmaOptions {
  /** Time in which a measurement decays to 37 %. Above 0. Default `10s`. */
  readonly decay?: Duration
  /**
   * Latency assumed of an endpoint that has requests out and was not measured within `decay`. A new one, or one
   * whose average has faded, is so tried with single requests instead of being flooded. Default `1s`.
   */
  readonly assumed?: Duration
  /**
   * Added to the latency of an endpoint all of whose attempts fail through its fault, because failing is often faster
   * than working; of one that fails at times, times the cube of that share: 135 ms for 30 %, 5 ms for 10 %, nothing for 1 %.
   * Five faults in a row count as all. `0s` turns it off: an endpoint that refuses connections then attracts traffic.
   * Default `5s`.
   */
  readonly penalty?: Duration
}

/**
 * `peak-ewma`: of two different endpoints drawn at random, the one with the lower cost: latency × (requests in
 * flight + 1) / weight. Latency is the time to the response head, averaged with exponential decay; a peak counts at
 * once. Follows Finagle's Peak EWMA balancer. A weight of 2 counts as twice as fast; it is not a share of the traffic.
 * Endpoints are drawn evenly, as in Finagle; the average fades even unasked, so that one that was slow is tried again.
 */
export const peakEwma: BalancingPolicyType<PeakEwmaOptions> = {
  name: 'peak-ewma',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      // Longer than 0.
      decay: {
        type: 'string',
        pattern: `^(?=.*[1-9])${DURATION_PATTERN.slice(1)}`,
        rule: "a duration above nothing, such as '10s'"
      },
      assumed: { type: 'string', pattern: DURATION_PATTERN },
      penalty: { type: 'string', pattern: DURATION_PATTERN }
    }
  },
  create: createPeakEwma
}

/** The measurements of an endpoint. */
interface Measured {
  latency: Estimate
  readonly faults: FaultShare
}

function createPeakEwma(options: PeakEwmaOptions, { clock, chance }: BalancingContext): BalancingPolicy {
  const decayMs = durationMs(options.decay ?? '10s') as number
  const assumedMs = durationMs(options.assumed ?? '1s') as number
  const penaltyMs = durationMs(options.penalty ?? '5s') as number
  const measured = new WeakMap<Endpoint, Measured>()

  function cost(endpoint: Endpoint, now: number): number {
    const its = measured.get(endpoint)
    const fresh = its !== undefined && now - its.latency.at <= decayMs
    const known = its === undefined ? 0 : estimateAt(its.latency, now, decayMs) + penaltyOf(its.faults, now)
    const ms = fresh || endpoint.inFlight === 0 ? known : Math.max(known, assumedMs)
    return (ms * (endpoint.inFlight + 1)) / endpoint.weight
  }

  // The cube: what fails now and then costs next to nothing, or one accident would send all traffic to the other of two.
  function penaltyOf(faults: FaultShare, now: number): number {
    const share = faults.valueAt(now, decayMs)
    return penaltyMs * share ** 3
  }

  return {
    name: 'peak-ewma',
    pick(candidates) {
      const { length } = candidates
      if (length === 1) return candidates[0]
      const index = Math.floor(chance() * length)
      const step = 1 + Math.floor(chance() * (length - 1))
      const one = candidates[index] as Endpoint
      const other = candidates[(index + step) % length] as Endpoint
      const now = clock()
      return cost(other, now) < cost(one, now) ? other : one
    },
    ended(attempt) {
      const fault = isUpstreamFault(attempt)
      if (attempt.failure !== null && !fault) return
      const now = clock()
      let its = measured.get(attempt.endpoint)
      const latency = observe(its?.latency, latencyOf(attempt), now, decayMs)
      if (its === undefined) {
        its = { latency, faults: new FaultShare() }
        measured.set(attempt.endpoint, its)
      }
      its.latency = latency
      its.faults.count(fault, now, decayMs)
    }
  }
}

// To the response head: what comes after it depends on the size of the body and on the client.
function latencyOf({ startedAt, headAt, endedAt, stalledMs }: AttemptRecord): number {
  return Math.max(0, (headAt === 0 ? endedAt : headAt) - startedAt - stalledMs)
}
