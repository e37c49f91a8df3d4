import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Authentication } from './authentication.js'
import { checkSchemeNames } from './check.js'
import { addAuthFacts } from './facts.js'
import { authGauges } from './gauges.js'
import { authenticationKey, authKey, authorizeKey } from './keys.js'
import { authMonitoring } from './monitoring.js'
import { beginObserved } from './observing.js'
import { AUTH_THROTTLED, AUTH_UNAVAILABLE, FORBIDDEN, UNAUTHENTICATED } from './reasons.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/auth`. */
    readonly authentication: Authentication
  }
}

/** Authentication and authorization (`authentication`, `auth`, `authorize`). Takes no options. */
export const auth: FastifyPluginAsync = fp(
  async function auth(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/auth',
      options,
      [],
      "the configuration has 'authentication', policies and routes have 'auth' and 'authorize'"
    )
    const { gateway } = app
    const authentication = new Authentication(gateway)
    app.decorate('authentication', authentication)
    gateway.keys.add(authenticationKey, authKey, authorizeKey)
    gateway.checks.push(checkSchemeNames)
    gateway.reasons.add(UNAUTHENTICATED, FORBIDDEN, AUTH_THROTTLED, AUTH_UNAVAILABLE)
    beginObserved(gateway.events)
    addAuthFacts(gateway.facts)
    gateway.monitoring.push(authMonitoring)
    gateway.gauges.push(...authGauges(authentication))
    gateway.changes.push({
      name: 'auth',
      prepare: (next, _previous, problems) => authentication.prepare(next, problems)
    })
    app.addHook('onClose', async function closeAuthentication() {
      authentication.close()
    })
  },
  { fastify: '5.x', name: '@gatewright/auth', dependencies: ['@gatewright/core'] }
)
