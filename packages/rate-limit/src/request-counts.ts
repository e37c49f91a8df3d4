import type { Exchange, Gateway } from '@gatewright/core'
import { toldError } from '@gatewright/core'
import { isCost } from './cost.js'
import { chargeOf, type HeadersOf } from './cost-after.js'
import { Counted } from './counted.js'
import { clientKey, tableKey } from './key.js'
import type { RateLimit } from './rate-limit.js'

/** Finds out what a request is counted by, and what it costs. Functions of the user's own that fail are reported. */
export class RequestCounts {
  readonly #gateway: Pick<Gateway, 'faults'>

  constructor(gateway: Pick<Gateway, 'faults'>) {
    this.#gateway = gateway
  }

  /** How a request will be counted by a limit; `null` where it has no key. */
  of(limit: RateLimit, exchange: Exchange): Counted | null {
    const key = this.#keyOf(limit, exchange)
    return key === null ? null : new Counted(limit, tableKey(key), this.#costOf(limit, exchange))
  }

  /** What a finished request is charged besides; 0 for nothing. */
  chargeOf(
    { settings: { costAfter, name } }: RateLimit,
    exchange: Exchange,
    reply: HeadersOf | null
  ): number {
    if (costAfter === null) return 0
    try {
      return chargeOf(costAfter, exchange, reply)
    } catch (error) {
      this.#blame(`the costAfter of rateLimit '${name}'`, error)
      return 0
    }
  }

  #keyOf({ settings }: RateLimit, exchange: Exchange): string | null {
    let key: string | null = null
    try {
      key = settings.read(exchange)
    } catch (error) {
      this.#blame(`the key of rateLimit '${settings.name}'`, error)
    }
    if (key !== null && key !== '') return key
    return settings.withoutKey === 'by-client'
      ? clientKey(exchange.ingress.client, settings.ipv6Prefix)
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
