import { defineKey, type Key } from '@gatewright/core'
import { checkDiscovery } from './check.js'
import type { DiscoveryConfig } from './config/config.js'
import { discovery as validate } from './config/validate.js'

/** `discovery` of pools. */
export const discoveryKey: Key<DiscoveryConfig, DiscoveryConfig | undefined> = defineKey({
  name: 'discovery',
  on: ['pool'],
  plugin: '@gatewright/discovery',
  reload: 'live',
  validate,
  check: checkDiscovery,
  suppliesEndpoints: true,
  mayUseTls: (config) => !('dns' in config) || config.protocol === 'https'
})
