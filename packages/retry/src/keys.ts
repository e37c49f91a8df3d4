import { defineKey, type Key } from '@gatewright/core'
import { checkRetry } from './check.js'
import type { HedgeConfig, RetryConfig } from './config/config.js'
import * as validators from './config/validate.js'
import { type HedgeSettings, keptBody, type RetrySettings, resolveHedge, resolveRetry } from './settings.js'

const common = {
  on: ['pool', 'policy', 'route'],
  plugin: '@gatewright/retry',
  reload: 'live',
  forwards: true
} as const

/** `retry` of pools, policies and routes. */
export const retryKey: Key<RetryConfig, RetrySettings | null> = defineKey({
  ...common,
  name: 'retry',
  validate: validators.retry,
  resolve: resolveRetry,
  check: checkRetry,
  keepsBody: keptBody
})

/** `hedge` of pools, policies and routes. */
export const hedgeKey: Key<HedgeConfig, HedgeSettings | null> = defineKey({
  ...common,
  name: 'hedge',
  validate: validators.hedge,
  resolve: resolveHedge
})
