import { defineKey, type Key } from '@gatewright/core'
import type { MetricsConfig } from './config/config.js'
import { metrics as validate } from './config/validate.js'

/** `metrics` of the whole configuration. */
export const metricsKey: Key<MetricsConfig, MetricsConfig | undefined> = defineKey({
  name: 'metrics',
  on: ['gateway'],
  plugin: '@gatewright/metrics',
  reload: 'live',
  validate
})
