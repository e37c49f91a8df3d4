import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Concurrency limits, queues and overload protection. */
export const overload: FastifyPluginAsync = fp(
  async function overload(app: FastifyInstance) {
    app.gateway.features.add('overload')
  },
  { fastify: '5.x', name: '@gatewright/overload', dependencies: ['@gatewright/core'] }
)
