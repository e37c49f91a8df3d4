import {
  type Admission,
  type Exchange,
  type Gateway,
  GatewayError,
  type Prepared,
  type Snapshot,
  toldError
} from '@gatewright/core'
import { clientPrefix } from './client-prefix.js'
import { isCost } from './cost.js'
import { legacyFields, policyField, type Counted as Shown, stateField } from './header-fields.js'
import { tableKey } from './key.js'
import type { RateLimit } from './rate-limit.js'
import { RateLimits } from './rate-limits.js'
import { RATE_LIMITED } from './reasons.js'
import { limitSteps } from './steps.js'

/** A limit that a request was counted by, and how. */
interface Counted extends Shown {
  readonly cost: number
  /** Milliseconds until it would be admitted; 0 for at once. */
  readonly wait: number
}

/** What is known of a request. */
interface Verdict {
  readonly counted: readonly Counted[]
  /** The name of the limit that refused it, or would have. */
  readonly exceeded: string | null
}

/** A limit as `app.rateLimit.state()` tells it. */
export interface RateLimitReport {
  /** `name api`, `route users default` or `gateway default`. */
  readonly id: string
  /** Keys that have a count of their own. */
  readonly keys: number
  readonly refused: number
  /** Requests that were counted together with those of other keys, for want of places. */
  readonly overflowed: number
}

/** Admits requests as far as their rate limits go: `app.rateLimits`. */
export class RateLimiter implements Admission {
  readonly name = 'rate limit'
  readonly #gateway: Gateway
  readonly #limits: RateLimits
  readonly #slot: number

  constructor(gateway: Gateway) {
    this.#gateway = gateway
    this.#limits = new RateLimits(gateway.chance)
    this.#slot = gateway.claimSlot()
  }

  /** Makes ready what limits the next configuration. */
  prepare(next: Snapshot, problems: string[]): Prepared {
    const limits = this.#limits.prepare(next)
    problems.push(...limits.problems)
    if (limits.size > 0) {
      next.stages.admissions.push(this)
      limitSteps(next, (route) => this.#limits.of(next, route), {
        now: this.#gateway.clock,
        countedOf: (exchange) => this.#countedOf(exchange)
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
    return (exchange.slot(this.#slot) as Verdict | undefined)?.exceeded ?? null
  }

  admit(exchange: Exchange, done: (refusal?: GatewayError) => void): void {
    const limits = this.#limits.of(exchange.snapshot, exchange.route)
    if (limits.length === 0) {
      done()
      return
    }
    const now = this.#gateway.clock()
    const counted: Counted[] = []
    let exceeded: Counted | null = null
    let missing: RateLimit | null = null
    for (const limit of limits) {
      const key = this.#keyOf(limit, exchange)
      if (key === null) {
        if (limit.settings.withoutKey === 'reject') missing ??= limit
        continue
      }
      const bucket = limit.bucket(tableKey(key), now)
      const cost = this.#costOf(limit, exchange)
      const wait = limit.algorithm.wait(bucket, now, cost)
      const one = { limit, bucket, cost, wait }
      if (wait > 0 && (exceeded === null || isWorse(one, exceeded))) exceeded = one
      counted.push(one)
    }
    const limit = missing !== null && exceeded?.limit.settings.observe !== false ? missing : exceeded?.limit
    exchange.setSlot(this.#slot, { counted, exceeded: limit?.settings.name ?? null } satisfies Verdict)
    if (limit !== undefined && !limit.settings.observe) {
      done(this.#refusal(exchange, limit, limit === missing ? null : exceeded, counted, now))
      return
    }
    for (const { limit: one, bucket, cost, wait } of counted)
      if (wait === 0) one.algorithm.take(bucket, now, cost)
    if (limit !== undefined) this.#observed(exchange, reasonOf(limit, limit === missing ? null : exceeded))
    done()
  }

  #refusal(
    exchange: Exchange,
    limit: RateLimit,
    exceeded: Counted | null,
    counted: readonly Counted[],
    now: number
  ): GatewayError {
    const because = reasonOf(limit, exceeded)
    limit.refused++
    this.#gateway.events.emit('rejected', { exchange, reason: RATE_LIMITED.name, because })
    const headers: Record<string, string> = { 'retry-after': retryAfter(limit, exceeded?.wait ?? 0) }
    const state = stateField(counted, now)
    if (state !== '') {
      headers['ratelimit-policy'] = policyField(counted.map((one) => one.limit))
      headers.ratelimit = state
    }
    for (const [name, value] of legacyFields(counted, now)) headers[name] = value
    return new GatewayError(RATE_LIMITED, { detail: because, headers })
  }

  #observed(exchange: Exchange, because: string): void {
    exchange.observe(RATE_LIMITED.name)
    this.#gateway.events.emit('observed', { exchange, reason: RATE_LIMITED.name, because })
  }

  #countedOf(exchange: Exchange): readonly Counted[] {
    return (exchange.slot(this.#slot) as Verdict | undefined)?.counted ?? []
  }

  #keyOf({ settings }: RateLimit, exchange: Exchange): string | null {
    let key: unknown = null
    try {
      key = settings.read(exchange)
      if (key !== null && typeof key !== 'string')
        throw new TypeError(`returned ${typeof key}, not a text or null`)
    } catch (error) {
      this.#blame(`the key of rateLimit '${settings.name}'`, error)
      key = null
    }
    if (key !== null && key !== '') return key as string
    return settings.withoutKey === 'by-client'
      ? `client ${clientPrefix(exchange.ingress.client, settings.ipv6Prefix)}`
      : null
  }

  #costOf({ settings: { cost, name } }: RateLimit, exchange: Exchange): number {
    if (typeof cost === 'number') return cost
    try {
      const found: unknown = cost(exchange)
      if (isCost(found)) return found
      throw new TypeError(`returned ${String(found)}, not a number from 0`)
    } catch (error) {
      this.#blame(`the cost of rateLimit '${name}'`, error)
      return 1
    }
  }

  #blame(what: string, error: unknown): void {
    this.#gateway.faults.warn(what, `failed: ${toldError(error)}`, error)
  }
}

// Those that refuse go before those that only observe, then whoever has to wait for longest.
function isWorse(one: Counted, other: Counted): boolean {
  const { observe } = other.limit.settings
  return one.limit.settings.observe === observe ? one.wait > other.wait : observe
}

function reasonOf({ settings: { name, quota, seconds } }: RateLimit, exceeded: Counted | null): string {
  const limit = `limit '${name}': ${quota} in ${seconds} s`
  if (exceeded === null) return `${limit}: the request has no key`
  if (exceeded.wait === Number.POSITIVE_INFINITY) return `${limit}: the request costs ${exceeded.cost}`
  return `${limit}, again in ${Math.ceil(exceeded.wait)} ms`
}

function retryAfter({ settings }: RateLimit, wait: number): string {
  const seconds = wait === Number.POSITIVE_INFINITY || wait === 0 ? settings.seconds : wait / 1_000
  return String(Math.max(1, Math.ceil(seconds)))
}
