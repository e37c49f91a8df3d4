import { defineKey, type Key } from '@gatewright/core'
import { checkRateLimit } from './check.js'
import type { RateLimitConfig } from './config/config.js'
import { rateLimit as validate } from './config/validate.js'
import { type RateLimitSettings, resolveRateLimit } from './settings.js'

/** `rateLimit` of the whole configuration, of policies and of routes. */
export const rateLimitKey: Key<RateLimitConfig, readonly RateLimitSettings[]> = defineKey({
  name: 'rateLimit',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/rate-limit',
  reload: 'live',
  validate,
  resolve: resolveRateLimit,
  check: checkRateLimit
})
