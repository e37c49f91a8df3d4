import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Keeps how the last requests went (`flightRecorder`). Takes no options. */
export const flightRecorder: FastifyPluginAsync = fp(
  async function flightRecorder(app: FastifyInstance) {
    app.gateway.features.add('flight-recorder')
  },
  { fastify: '5.x', name: '@gatewright/flight-recorder', dependencies: ['@gatewright/core'] }
)
