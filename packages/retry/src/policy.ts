import {
  type AttemptObserver,
  type AttemptRecord,
  type CandidateFilter,
  type Chance,
  type Clock,
  type Endpoint,
  type Events,
  type Exchange,
  foundNoConnection,
  isUpstreamFault,
  measuredMs,
  type RetryPolicy,
  verdictOf
} from '@gatewright/core'
import { backoffMs } from './backoff.js'
import { conditionOf } from './condition.js'
import { Losses } from './losses.js'
import type { Plan, Plans } from './plans.js'
import { retryAfterMs } from './retry-after.js'
import { isSafe, type RetrySettings } from './settings.js'

/** Dependencies of the policy. */
export interface RetryContext {
  readonly plans: Plans
  readonly clock: Clock
  /** Milliseconds since the epoch, for dates in `Retry-After`. */
  readonly wallClock: Clock
  readonly chance: Chance
  readonly events: Events
}

/** Retries and hedges: the policy, the observer that feeds their budget, and the filter for endpoints already tried. */
export class Retrying implements RetryPolicy, AttemptObserver, CandidateFilter {
  readonly name = 'tried before'
  readonly #context: RetryContext
  readonly #losses = new Losses()

  constructor(context: RetryContext) {
    this.#context = context
  }

  decide(attempt: AttemptRecord, exchange: Exchange): number | null {
    const plan = this.#planOf(exchange)
    if (plan === undefined || plan.retry === null) return null
    const { retry } = plan
    if (conditionOf(attempt, retry) === null || !maySendAgain(attempt, exchange, retry)) return null
    const elsewhere = foundNoConnection(attempt.failure)
    if (elsewhere && !this.#isAnotherLeft(exchange)) return null
    if (exchange.attempts.length >= retry.attempts) {
      if (exchange.retries > 0) this.#tell(exchange, 'exhausted', 0)
      return null
    }
    const delay = elsewhere ? 0 : this.#delay(attempt, exchange, retry)
    if (delay === null || !this.#hasTime(plan, exchange, delay)) return null
    if (retry.observe) {
      this.#observed(exchange, attempt, 'another attempt')
      return null
    }
    // The budget bounds extra upstream load; an attempt that got no connection caused none.
    const allowed = elsewhere || plan.budget.spend(this.#context.clock())
    if (allowed) exchange.retries++
    this.#tell(exchange, allowed ? 'again' : 'budget', allowed ? delay : 0)
    return allowed ? delay : null
  }

  yields(attempt: AttemptRecord, exchange: Exchange): boolean {
    return isToRetry(attempt, this.#planOf(exchange))
  }

  hedgeDelay(exchange: Exchange): number | null {
    const plan = this.#planOf(exchange)
    if (plan === undefined || plan.hedge === null) return null
    const { hedge, latency } = plan
    if (
      !isSafe(exchange.upstreamMethod) ||
      exchange.ingress.hasBody ||
      (exchange.pool?.candidatesFor(exchange).length ?? 0) < 2
    )
      return null
    if (hedge.quantile === 0) return hedge.afterMs
    const recent = latency.quantile(hedge.quantile, this.#context.clock())
    return recent === null ? null : Math.max(hedge.minDelayMs, recent)
  }

  mayHedge(exchange: Exchange): boolean {
    const plan = this.#planOf(exchange)
    if (plan === undefined || plan.hedge === null) return false
    if (plan.hedge.observe) {
      this.#observed(exchange, null, 'a second attempt beside the first')
      return false
    }
    const allowed = plan.budget.available(this.#context.clock()) > 0
    if (!allowed) this.#context.events.emit('hedge', { exchange, outcome: 'budget' })
    return allowed
  }

  hedged(exchange: Exchange): void {
    this.#planOf(exchange)?.budget.spend(this.#context.clock())
    this.#context.events.emit('hedge', { exchange, outcome: 'sent' })
  }

  isOverdue(loser: AttemptRecord, winner: AttemptRecord, exchange: Exchange): boolean {
    const plan = this.#planOf(exchange)
    return plan !== undefined && this.#losses.areTooMany(loser, winner, plan.latency)
  }

  // Reports whether the hedge or the first attempt won. If the client gets an error, neither did.
  answered(attempt: AttemptRecord, exchange: Exchange): void {
    const second = exchange.attempts[1]
    if (second?.hedge !== true || attempt.number > 2 || isUpstreamFault(attempt)) return
    // It was refused by the connection queue and was not reported as sent.
    if (second.failure === 'pool_queue_full') return
    this.#context.events.emit('hedge', { exchange, outcome: attempt.hedge ? 'won' : 'lost' })
  }

  ended(attempt: AttemptRecord, exchange: Exchange): void {
    const plan = this.#planOf(exchange)
    if (plan === undefined) return
    // Attempts at the fallback pool do not count for this pool.
    if (exchange.fallback !== null) return
    const verdict = verdictOf(attempt)
    const now = attempt.endedAt
    if (verdict === 'fault' && attempt.number > 1) plan.budget.wasted(now)
    if (verdict !== 'fault' && attempt.headAt > 0) this.#losses.end(attempt.endpoint)
    if (verdict !== 'success' || isToRetry(attempt, plan)) return
    plan.budget.deposit(now)
    const ms = measuredMs(attempt)
    if (ms !== null) plan.latency.record(ms, now)
    if (exchange.retries > 0) this.#tell(exchange, 'success', 0)
  }

  accepts(endpoint: Endpoint, { attempts }: Exchange): boolean {
    return !attempts.some((attempt) => attempt.endpoint === endpoint)
  }

  narrow(candidates: readonly Endpoint[], exchange: Exchange): readonly Endpoint[] {
    if (exchange.attempts.length === 0) return candidates
    const others = candidates.filter((endpoint) => this.accepts(endpoint, exchange))
    // A retry may repeat an endpoint when all have been tried. A hedge, and a retry after a missing connection, must use
    // another one.
    const stays = exchange.hedging || foundNoConnection(exchange.attempts.at(-1)?.failure ?? null)
    return others.length > 0 || stays ? others : candidates
  }

  #isAnotherLeft(exchange: Exchange): boolean {
    const { pool } = exchange
    return pool?.candidatesFor(exchange).some((endpoint) => this.accepts(endpoint, exchange)) === true
  }

  #planOf({ route }: Exchange): Plan | undefined {
    return route === null ? undefined : this.#context.plans.of(route)
  }

  // Retry-After takes precedence over backoff; above `maxRetryAfter` there is no retry.
  #delay(attempt: AttemptRecord, exchange: Exchange, retry: RetrySettings): number | null {
    const own = backoffMs(retry, exchange.attempts.length - 1, this.#context.chance)
    if (attempt.retryAfter === '') return own
    const asked = retryAfterMs(attempt.retryAfter, this.#context.wallClock())
    return asked > retry.maxRetryAfterMs ? null : Math.max(own, asked)
  }

  // A retry that would most likely exceed the deadline only adds upstream load.
  #hasTime({ latency }: Plan, { deadlineAt }: Exchange, delay: number): boolean {
    if (deadlineAt === 0) return true
    const now = this.#context.clock()
    return now + delay + (latency.quantile(0.5, now) ?? 0) < deadlineAt
  }

  #tell(exchange: Exchange, outcome: 'again' | 'success' | 'exhausted' | 'budget', delayMs: number): void {
    if (this.#context.events.has('retry')) this.#context.events.emit('retry', { exchange, outcome, delayMs })
  }

  #observed(exchange: Exchange, attempt: AttemptRecord | null, because: string): void {
    this.#context.events.emit('observed', { exchange, reason: attempt?.failure ?? null, because })
  }
}

// A response to retry is not a success, even if it is not the endpoint's fault, such as 429.
function isToRetry(attempt: AttemptRecord, plan: Plan | undefined): boolean {
  const retry = plan?.retry ?? null
  return retry !== null && !retry.observe && conditionOf(attempt, retry) !== null
}

// A request of which nothing was sent can always be retried.
function maySendAgain(attempt: AttemptRecord, exchange: Exchange, { allows }: RetrySettings): boolean {
  if (!attempt.sent) return true
  return (allows(exchange.upstreamMethod) || hasIdempotencyKey(exchange)) && exchange.replayable
}

// An empty key identifies no request.
function hasIdempotencyKey({ headers }: Exchange): boolean {
  return /[^\s",]/.test(String(headers['idempotency-key'] ?? ''))
}
