import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Health of endpoints: active probes, outlier ejection, slow start. */
export const health: FastifyPluginAsync = fp(
  async function health(app: FastifyInstance) {
    app.gateway.features.add('health')
  },
  { fastify: '5.x', name: '@gatewright/health', dependencies: ['@gatewright/core'] }
)
