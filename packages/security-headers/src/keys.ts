import { defineKey, type Key } from '@gatewright/core'
import { checkRequireTls, checkSecurityHeaders } from './check.js'
import type { RequireTlsConfig, SecurityHeadersConfig } from './config/config.js'
import {
  requireTls as validateRequireTls,
  securityHeaders as validateSecurityHeaders
} from './config/validate.js'
import {
  type RequireTlsSettings,
  resolveRequireTls,
  resolveSecurityHeaders,
  type SecurityHeadersSettings
} from './settings.js'

/** `securityHeaders` of the whole configuration, of policies and of routes. */
export const securityHeadersKey: Key<SecurityHeadersConfig, SecurityHeadersSettings | null> = defineKey({
  name: 'securityHeaders',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/security-headers',
  reload: 'live',
  validate: validateSecurityHeaders,
  resolve: resolveSecurityHeaders,
  check: checkSecurityHeaders
})

/** `requireTls` of the whole configuration, of policies and of routes. */
export const requireTlsKey: Key<RequireTlsConfig, RequireTlsSettings | null> = defineKey({
  name: 'requireTls',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/security-headers',
  reload: 'live',
  validate: validateRequireTls,
  resolve: resolveRequireTls,
  check: checkRequireTls
})
