import { type AddedReason, fallbackPool, isOn, type ReasonInfo, type Route } from '@gatewright/core'
import { concurrencyKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    overloaded: ReasonInfo
    queue_timeout: ReasonInfo
  }
}

/** A limit is reached, and so is that of those who may wait; or the process is short of something. */
export const OVERLOADED: AddedReason = {
  name: 'overloaded',
  status: 503,
  title: 'The gateway is overloaded',
  blames: 'gateway',
  mayAnswer: (route, { config }) => isLimited(route) || isOn(config.overload)
}

/** A request has waited for its turn in vain. */
export const QUEUE_TIMEOUT: AddedReason = {
  name: 'queue_timeout',
  status: 503,
  title: 'The request waited too long in the queue',
  blames: 'gateway',
  mayAnswer: isLimited
}

function isLimited(route: Route): boolean {
  return [route.given(concurrencyKey.name), fallbackPool(route)?.given(concurrencyKey.name)].some(isOn)
}
