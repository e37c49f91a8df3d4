import { defineKey, type Key } from '@gatewright/core'
import { checkTransform } from './check.js'
import type { TransformConfig } from './config/config.js'
import { transform as validate } from './config/validate.js'
import { resolveTransform, type TransformSettings } from './settings.js'

/** `transform` of the whole configuration, of policies and of routes. */
export const transformKey: Key<TransformConfig, TransformSettings | null> = defineKey({
  name: 'transform',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/transform',
  reload: 'live',
  validate,
  resolve: resolveTransform,
  check: checkTransform
})
