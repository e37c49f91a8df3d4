import { defineKey, type Key, type Route } from '@gatewright/core'
import { checkBreaker } from './check.js'
import type { BreakerConfig } from './config/config.js'
import { circuitBreaker as validate } from './config/validate.js'
import { type BreakerSettings, resolveBreaker } from './settings.js'

/** `circuitBreaker` of pools, policies and routes. */
export const breakerKey: Key<BreakerConfig, BreakerSettings | null> = defineKey({
  name: 'circuitBreaker',
  on: ['pool', 'policy', 'route'],
  plugin: '@gatewright/circuit-breaker',
  reload: 'live',
  validate,
  resolve: resolveBreaker,
  check: checkBreaker,
  forwards: true
})

/** Whether a route or its policies configure a breaker; otherwise the pool's breaker applies. */
export function hasOwnBreaker(route: Route): boolean {
  const origin = route.origin(breakerKey.name)
  return origin !== null && origin !== 'pool'
}
