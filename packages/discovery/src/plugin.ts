import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Endpoints from DNS, files and sources of your own. */
export const discovery: FastifyPluginAsync = fp(
  async function discovery(app: FastifyInstance) {
    app.gateway.features.add('discovery')
  },
  { fastify: '5.x', name: '@gatewright/discovery', dependencies: ['@gatewright/core'] }
)
