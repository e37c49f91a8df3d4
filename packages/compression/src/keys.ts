import { defineKey, type Key } from '@gatewright/core'
import { checkCompression } from './check.js'
import type { CompressionConfig } from './config/config.js'
import { compression as validate } from './config/validate.js'
import { type CompressionSettings, resolveCompression } from './settings.js'

/** `compression` of the whole configuration, of policies and of routes. */
export const compressionKey: Key<CompressionConfig, CompressionSettings | null> = defineKey({
  name: 'compression',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/compression',
  reload: 'live',
  validate,
  resolve: resolveCompression,
  check: checkCompression
})
