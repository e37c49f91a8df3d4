import { defineKey, type EndpointConfig, type Key } from '@gatewright/core'
import { checkOutliers, checkProbes, checkUnhealthy } from './check.js'
import type { HealthConfig, OutlierConfig, SlowStartConfig, UnhealthyConfig } from './config/config.js'
import * as validators from './config/validate.js'
import {
  type OutlierSettings,
  type ProbeSettings,
  resolveOutliers,
  resolveProbes,
  resolveSlowStart,
  resolveUnhealthy,
  type SlowStartSettings,
  type UnhealthySettings
} from './settings.js'

const common = { on: ['pool'], plugin: '@gatewright/health', reload: 'live' } as const

/** `health` of pools. */
export const healthKey: Key<HealthConfig, ProbeSettings | null> = defineKey({
  ...common,
  name: 'health',
  validate: validators.health,
  resolve: resolveProbes,
  check: checkProbes,
  mayUseTls: (_config, { endpoints = [] }) => (endpoints as readonly EndpointConfig[]).some(isProbedByTls)
})

/** `outlierDetection` of pools. */
export const outlierKey: Key<false | OutlierConfig, OutlierSettings | null> = defineKey({
  ...common,
  name: 'outlierDetection',
  validate: validators.outlierDetection,
  resolve: resolveOutliers,
  check: checkOutliers
})

/** `slowStart` of pools. */
export const slowStartKey: Key<SlowStartConfig, SlowStartSettings | null> = defineKey({
  ...common,
  name: 'slowStart',
  validate: validators.slowStart,
  resolve: resolveSlowStart
})

/** `unhealthy` of pools. */
export const unhealthyKey: Key<UnhealthyConfig, UnhealthySettings> = defineKey({
  ...common,
  name: 'unhealthy',
  validate: validators.unhealthy,
  resolve: resolveUnhealthy,
  check: checkUnhealthy
})

function isProbedByTls(endpoint: EndpointConfig): boolean {
  return typeof endpoint === 'object' && /^https:/i.test(endpoint.healthUrl ?? '')
}
