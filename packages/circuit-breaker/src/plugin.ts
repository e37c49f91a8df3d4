import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Circuit breakers for pools and routes. */
export const circuitBreaker: FastifyPluginAsync = fp(
  async function circuitBreaker(app: FastifyInstance) {
    app.gateway.features.add('circuit-breaker')
  },
  { fastify: '5.x', name: '@gatewright/circuit-breaker', dependencies: ['@gatewright/core'] }
)
