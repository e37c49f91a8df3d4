import type {
  Admission,
  Exchange,
  ExchangeObserver,
  Gateway,
  GatewayError,
  InSteps,
  Prepared,
  Snapshot
} from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { Asking, type AskingHost, type Done } from './asking.js'
import type { Counted } from './counted.js'
import type { GuardedStore } from './guarded-store.js'
import type { RateLimit } from './rate-limit.js'
import { RateLimits } from './rate-limits.js'
import { RATE_LIMITED } from './reasons.js'
import { becauseOf, type Excess, refusalOf, unavailable } from './refusal.js'
import { RequestCounts } from './request-counts.js'
import { limitSteps } from './steps.js'
import type { Stores } from './stores.js'

/** What is known of a request. */
class Verdict {
  counted: readonly Counted[] = []
  /** The name of the limit that refused it, or would have. */
  exceeded: string | null = null
  /** Where a limit is charged by a header of the response. */
  reply: Reply | null = null
}

type Reply = Pick<FastifyReply, 'getHeader'>

/** A limit as `app.rateLimits.state()` tells it. */
export interface RateLimitReport {
  /** `name api`, `route users default` or `gateway default`. */
  readonly id: string
  /** Keys that have a count of their own in this process. */
  readonly keys: number
  readonly refused: number
  /** Requests that were counted together with those of other keys, for want of places. */
  readonly overflowed: number
}

/** Admits requests as far as their rate limits go: `app.rateLimits`. */
export class RateLimiter implements Admission, AskingHost, ExchangeObserver {
  readonly name = 'rate limit'
  readonly #gateway: Gateway
  readonly #limits: RateLimits
  readonly #requests: RequestCounts
  readonly #asking: Asking
  readonly #stores: Stores
  readonly #slot: number

  constructor(gateway: Gateway, stores: Stores) {
    this.#gateway = gateway
    this.#limits = new RateLimits(gateway.chance, gateway.claimRouteSlot())
    this.#requests = new RequestCounts(gateway)
    this.#asking = new Asking(gateway.clock, this.#requests, this)
    this.#stores = stores
    this.#slot = gateway.claimSlot()
  }

  /** Makes ready what limits the next configuration. */
  *prepare(next: Snapshot, problems: string[]): InSteps<Prepared> {
    const limits = yield* this.#limits.prepare(next, this.#stores.sharing(next))
    problems.push(...limits.problems)
    if (limits.all.length > 0) {
      if (limits.all.some(({ settings }) => !settings.byIdentity)) next.stages.admissions.push(this)
      if (limits.all.some(({ settings }) => settings.concurrent || settings.costAfter !== null))
        next.stages.exchangeObservers.push(this)
      yield* limitSteps(next, (route) => this.#limits.of(next, route), {
        ask: (exchange, done) => this.#ask(exchange, this.#limitsOf(exchange).byIdentity, done),
        countedOf: (exchange) => this.#verdictOf(exchange)?.counted ?? [],
        answeredBy: (exchange, reply) => {
          this.#verdict(exchange).reply = reply
        }
      })
    }
    return { commit: limits.commit }
  }

  /** Every limit of the configuration that runs. */
  state(): RateLimitReport[] {
    return [...this.#limits.current].map(({ id, keys, refused, overflowed }) => ({
      id,
      keys,
      refused,
      overflowed
    }))
  }

  /** The name of the limit that refused a request, or would have in `mode: 'observe'`; `null` for none. */
  exceededBy(exchange: Exchange): string | null {
    return this.#verdictOf(exchange)?.exceeded ?? null
  }

  admit(exchange: Exchange, done: Done): void {
    this.#ask(exchange, this.#limitsOf(exchange).onArrival, done)
  }

  counted(exchange: Exchange, counted: readonly Counted[]): void {
    const verdict = this.#verdict(exchange)
    verdict.counted = verdict.counted.length === 0 ? counted : [...verdict.counted, ...counted]
  }

  decided(exchange: Exchange, excess: Excess | null, unreachable: RateLimit | null, done: Done): void {
    if (unreachable !== null) done(unavailable(unreachable))
    else if (excess === null) done()
    else if (!excess.limit.settings.observe) done(this.#refused(exchange, this.#verdict(exchange), excess))
    else {
      this.#observed(exchange, this.#verdict(exchange), excess)
      done()
    }
  }

  /** What ran has ended, and what it cost is known. */
  closed(exchange: Exchange): void {
    const verdict = this.#verdictOf(exchange)
    if (verdict === undefined) return
    const now = this.#gateway.clock()
    for (const one of verdict.counted) {
      if (!one.taken) continue
      if (one.limit.settings.concurrent) one.giveBack(now)
      else this.#charge(one, exchange, verdict.reply, now)
    }
  }

  #charge(one: Counted, exchange: Exchange, reply: Reply | null, now: number): void {
    const cost = this.#requests.chargeOf(one.limit, exchange, reply)
    if (cost === 0) return
    if (one.bucket === null) this.#storeOf(exchange)?.charge([one.asRequest(cost)])
    else one.limit.algorithm.take(one.bucket, now, cost)
  }

  #limitsOf({ snapshot, route }: Exchange) {
    return this.#limits.of(snapshot, route)
  }

  #storeOf({ snapshot }: Exchange): GuardedStore | null {
    return this.#stores.of(snapshot)
  }

  #verdictOf(exchange: Exchange): Verdict | undefined {
    return exchange.slot(this.#slot) as Verdict | undefined
  }

  #verdict(exchange: Exchange): Verdict {
    const known = this.#verdictOf(exchange)
    if (known !== undefined) return known
    const made = new Verdict()
    exchange.setSlot(this.#slot, made)
    return made
  }

  #ask(exchange: Exchange, limits: readonly RateLimit[], done: Done): void {
    if (limits.length === 0) done()
    else this.#asking.ask(exchange, limits, this.#storeOf(exchange), done)
  }

  #refused(exchange: Exchange, verdict: Verdict, excess: Excess): GatewayError {
    const because = becauseOf(excess)
    verdict.exceeded = excess.limit.settings.name
    excess.limit.counts.refused++
    this.#gateway.events.emit('rejected', { exchange, reason: RATE_LIMITED.name, because })
    return refusalOf(excess, verdict.counted)
  }

  #observed(exchange: Exchange, verdict: Verdict, excess: Excess): void {
    verdict.exceeded = excess.limit.settings.name
    exchange.observe(RATE_LIMITED.name)
    this.#gateway.events.emit('observed', { exchange, reason: RATE_LIMITED.name, because: becauseOf(excess) })
  }
}
