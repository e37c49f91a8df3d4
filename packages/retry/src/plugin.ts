import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Retries with a budget, and hedged requests. */
export const retry: FastifyPluginAsync = fp(
  async function retry(app: FastifyInstance) {
    app.gateway.features.add('retry')
  },
  { fastify: '5.x', name: '@gatewright/retry', dependencies: ['@gatewright/core'] }
)
