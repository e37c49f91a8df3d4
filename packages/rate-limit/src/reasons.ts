import { type AddedReason, isOn, observes, type ReasonInfo } from '@gatewright/core'
import type { RateLimitOptions } from './config/config.js'
import { rateLimitKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    rate_limited: ReasonInfo
    rate_limit_unavailable: ReasonInfo
  }
}

/** A rate limit is exceeded. */
export const RATE_LIMITED: AddedReason = {
  name: 'rate_limited',
  status: 429,
  title: 'Too many requests',
  blames: 'client',
  mayAnswer: (route, { config }) =>
    [route.given(rateLimitKey.name), config.rateLimit].flat().some((one) => isOn(one) && !observes(one))
}

/** Requests may not pass uncounted (`onStoreFailure: 'closed'`), and the store cannot be reached. */
export const RATE_LIMIT_UNAVAILABLE: AddedReason = {
  name: 'rate_limit_unavailable',
  status: 503,
  title: 'Requests cannot be counted',
  blames: 'gateway',
  mayAnswer: (route, { config }) =>
    [route.given(rateLimitKey.name), config.rateLimit]
      .flat()
      .some((one) => isOn(one) && !observes(one) && (one as RateLimitOptions).onStoreFailure === 'closed')
}
