import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Breakers } from './breakers.js'
import { describeBreakerEvents } from './events.js'
import { addBreakerFacts } from './facts.js'
import { breakerGauges } from './gauges.js'
import { breakerKey } from './keys.js'
import { breakerMonitoring } from './monitoring.js'
import { CIRCUIT_OPEN } from './reasons.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/circuit-breaker`. */
    readonly circuitBreakers: Breakers
  }
}

/** Circuit breakers (`circuitBreaker`) of pools, policies and routes. Takes no options. */
export const circuitBreaker: FastifyPluginAsync = fp(
  async function circuitBreaker(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/circuit-breaker',
      options,
      [],
      "pools, policies and routes have 'circuitBreaker'"
    )
    const { gateway } = app
    const breakers = new Breakers(gateway)
    app.decorate('circuitBreakers', breakers)
    gateway.monitoring.push(breakerMonitoring)
    gateway.keys.add(breakerKey)
    gateway.reasons.add(CIRCUIT_OPEN)
    describeBreakerEvents(gateway.events)
    addBreakerFacts(gateway.facts, breakers)
    gateway.gauges.push(...breakerGauges(breakers))
    gateway.changes.push({ name: 'circuit-breaker', prepare: (next) => breakers.prepare(next) })
  },
  { fastify: '5.x', name: '@gatewright/circuit-breaker', dependencies: ['@gatewright/core'] }
)
