import { defineKey, type Key } from '@gatewright/core'
import { checkCors } from './check.js'
import type { CorsConfig } from './config/config.js'
import { cors as validate } from './config/validate.js'
import { type CorsSettings, resolveCors } from './settings.js'

/** `cors` of the whole configuration, of policies and of routes. */
export const corsKey: Key<CorsConfig, CorsSettings | null> = defineKey({
  name: 'cors',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/cors',
  reload: 'live',
  validate,
  resolve: resolveCors,
  check: checkCors
})
