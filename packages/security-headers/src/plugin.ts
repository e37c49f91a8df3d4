import { checkPluginOptions, collectProblems } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { headerSteps } from './header-steps.js'
import { requireTlsKey, securityHeadersKey } from './keys.js'
import { TLS_REQUIRED } from './reasons.js'
import { isObserved, tlsSteps } from './tls-steps.js'

/** Security headers (`securityHeaders`), and requests without TLS (`requireTls`). Takes no options. */
export const securityHeaders: FastifyPluginAsync = fp(
  async function securityHeaders(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/security-headers',
      options,
      [],
      "the configuration, policies and routes have 'securityHeaders' and 'requireTls'"
    )
    const { gateway } = app
    gateway.keys.add(securityHeadersKey)
    gateway.keys.add(requireTlsKey)
    gateway.reasons.add(TLS_REQUIRED)
    gateway.events.beginAtZero('proxy_observed_total', (route, snapshot, count) => {
      if (isObserved(route, snapshot)) count(route.id, TLS_REQUIRED.name)
    })
    gateway.changes.push({
      name: 'security-headers',
      *prepare(next, _previous, problems) {
        yield* collectProblems(tlsSteps(next, gateway), problems)
        yield* headerSteps(next)
        return undefined
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/security-headers', dependencies: ['@gatewright/core'] }
)
