import { defineKey, type Key } from '@gatewright/core'
import { checkAuthorize } from './authorize/check.js'
import { checkAuthentication } from './check.js'
import type { AuthConfig, AuthenticationConfig, AuthorizeConfig } from './config/config.js'
import { auth, authentication, authorize } from './config/validate.js'
import { checkAuth } from './expression.js'
import { kindOf } from './scheme-kinds.js'

const plugin = '@gatewright/auth'

/** `authentication` of the whole configuration: schemes and consumers. */
export const authenticationKey: Key<AuthenticationConfig, AuthenticationConfig> = defineKey({
  name: 'authentication',
  on: ['gateway'],
  plugin,
  reload: 'live',
  validate: authentication,
  resolve: (config = {}) => config,
  check: checkAuthentication,
  *reservesHeaders({ headers = {}, schemes = {} }) {
    for (const name of Object.keys(headers)) yield name.toLowerCase()
    for (const scheme of Object.values(schemes)) yield* kindOf(scheme)?.writes?.(scheme) ?? []
  }
})

/** `auth` of the whole configuration, of policies and of routes. */
export const authKey: Key<AuthConfig, AuthConfig | undefined> = defineKey({
  name: 'auth',
  on: ['gateway', 'policy', 'route'],
  plugin,
  reload: 'live',
  validate: auth,
  check: checkAuth
})

/** `authorize` of the whole configuration, of policies and of routes. */
export const authorizeKey: Key<AuthorizeConfig, AuthorizeConfig | undefined> = defineKey({
  name: 'authorize',
  on: ['gateway', 'policy', 'route'],
  plugin,
  reload: 'live',
  validate: authorize,
  check: checkAuthorize
})
