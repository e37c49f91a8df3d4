import { type AddedReason, fallbackPool, isOn, type ReasonInfo, type Route } from '@gatewright/core'
import { concurrencyKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    overloaded: ReasonInfo
    queue_timeout: ReasonInfo
  }
}

/** The concurrency limit and its queue are full, or the process is short of CPU or memory. */
export const OVERLOADED: AddedReason = {
  name: 'overloaded',
  status: 503,
  title: 'The gateway is overloaded',
  blames: 'gateway',
  mayAnswer: (route, { config }) => isLimited(route) || isOn(config.overload)
}

/** A request has timed out in the admission queue. */
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
