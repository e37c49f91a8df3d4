import { defineKey, type Key } from '@gatewright/core'
import { checkRateLimit } from './check.js'
import type { RateLimitConfig, RateLimitStoreConfig } from './config/config.js'
import { rateLimit as validate, rateLimitStore as validateStore } from './config/validate.js'
import { type RateLimitSettings, resolveRateLimit } from './settings.js'
import { checkStore, resolveStore, type StoreSettings } from './store-settings.js'

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

/** `rateLimitStore` of the whole configuration. */
export const rateLimitStoreKey: Key<RateLimitStoreConfig, StoreSettings | null> = defineKey({
  name: 'rateLimitStore',
  on: ['gateway'],
  plugin: '@gatewright/rate-limit',
  reload: 'live',
  validate: validateStore,
  resolve: resolveStore,
  check: checkStore
})
