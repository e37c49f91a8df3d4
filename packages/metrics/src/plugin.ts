import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Metrics for Prometheus (`metrics`). */
export const metrics: FastifyPluginAsync = fp(
  async function metrics(app: FastifyInstance) {
    app.gateway.features.add('metrics')
  },
  { fastify: '5.x', name: '@gatewright/metrics', dependencies: ['@gatewright/core'] }
)
