import { type AddedReason, isOn, observes, type ReasonInfo } from '@gatewright/core'
import { corsKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    origin_not_allowed: ReasonInfo
  }
}

/** The page that the request comes from is not one of those that `cors` allows. */
export const ORIGIN_NOT_ALLOWED: AddedReason = {
  name: 'origin_not_allowed',
  status: 403,
  title: 'Origin not allowed',
  blames: 'client',
  mayAnswer(route, { config }) {
    const own = route.given(corsKey.name) ?? config.cors
    return isOn(own) && !observes(own)
  }
}
