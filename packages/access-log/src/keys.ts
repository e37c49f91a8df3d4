import { defineKey, type Key } from '@gatewright/core'
import type { AccessLogConfig } from './config/config.js'
import { accessLog as validate } from './config/validate.js'
import { type AccessLogSettings, resolveAccessLog } from './settings.js'

/** `accessLog` of the whole configuration. */
export const accessLogKey: Key<AccessLogConfig, AccessLogSettings | null> = defineKey({
  name: 'accessLog',
  on: ['gateway'],
  plugin: '@gatewright/access-log',
  reload: 'live',
  validate,
  resolve: resolveAccessLog
})
