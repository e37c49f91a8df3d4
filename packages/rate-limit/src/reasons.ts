import { type AddedReason, isOn, observes, type ReasonInfo } from '@gatewright/core'
import { rateLimitKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    rate_limited: ReasonInfo
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
