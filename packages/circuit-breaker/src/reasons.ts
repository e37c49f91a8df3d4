import { type AddedReason, fallbackPool, isOn, type ReasonInfo } from '@gatewright/core'
import { breakerKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    circuit_open: ReasonInfo
  }
}

/** A circuit breaker refuses the attempt. */
export const CIRCUIT_OPEN: AddedReason = {
  name: 'circuit_open',
  status: 503,
  title: 'The circuit breaker of the upstream is open',
  blames: 'gateway',
  fallback: true,
  mayAnswer: (route) =>
    route.pool !== null &&
    [route.given(breakerKey.name), fallbackPool(route)?.given(breakerKey.name)].some(isOn)
}
