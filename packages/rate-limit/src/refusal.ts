import { GatewayError } from '@gatewright/core'
import type { Counted } from './counted.js'
import { legacyFields, policyField, stateField } from './header-fields.js'
import type { RateLimit } from './rate-limit.js'
import { RATE_LIMIT_UNAVAILABLE, RATE_LIMITED } from './reasons.js'

/** Why a limit refuses: it is exceeded, or the request has no key. */
export interface Excess {
  readonly limit: RateLimit
  /** How it was counted; `null` for a request without a key. */
  readonly counted: Counted | null
}

/** For logs: which limit, and when again. */
export function becauseOf({ limit: { settings }, counted }: Excess): string {
  const { name, quota, seconds, concurrent } = settings
  const limit = `limit '${name}': ${concurrent ? `${quota} at a time` : `${quota} in ${seconds} s`}`
  if (counted === null) return `${limit}: the request has no key`
  if (concurrent) return limit
  if (counted.wait === Number.POSITIVE_INFINITY) return `${limit}: the request costs ${counted.asks}`
  return `${limit}, again in ${Math.ceil(counted.wait)} ms`
}

/** The response to a request that exceeds a limit, with what is left of all that it was counted by. */
export function refusalOf(excess: Excess, all: readonly Counted[]): GatewayError {
  const headers: Record<string, string> = { 'retry-after': retryAfter(excess) }
  const state = stateField(all)
  if (state !== '') {
    headers['ratelimit-policy'] = policyField(all.map((one) => one.limit))
    headers.ratelimit = state
  }
  for (const [name, value] of legacyFields(all)) headers[name] = value
  return new GatewayError(RATE_LIMITED, { detail: becauseOf(excess), headers })
}

/** The response where requests may not pass uncounted, and the store cannot be reached. */
export function unavailable({ settings: { name } }: RateLimit): GatewayError {
  return new GatewayError(RATE_LIMIT_UNAVAILABLE, {
    detail: `limit '${name}': the store cannot be reached`,
    headers: { 'retry-after': '1' }
  })
}

function retryAfter({ limit: { settings }, counted }: Excess): string {
  const wait = counted?.wait ?? 0
  const seconds = wait === Number.POSITIVE_INFINITY || wait === 0 ? settings.seconds : wait / 1_000
  return String(Math.max(1, Math.ceil(seconds)))
}
