import { defineKey, type Key } from '@gatewright/core'
import type { AccessLogConfig } from './config/config.js'
import { accessLog as validate } from './config/validate.js'

/** `accessLog` of the whole configuration. */
export const accessLogKey: Key<AccessLogConfig, AccessLogConfig | undefined> = defineKey({
  name: 'accessLog',
  on: ['gateway'],
  plugin: '@gatewright/access-log',
  reload: 'restart',
  validate
})
