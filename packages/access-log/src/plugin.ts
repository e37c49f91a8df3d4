import '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { createAccessLog } from './access-log.js'

/** One line per request (`accessLog`). Takes no options. */
export const accessLog: FastifyPluginAsync = fp(
  async function accessLog(app: FastifyInstance) {
    const { gateway } = app
    gateway.features.add('access-log')
    const log = createAccessLog(gateway.usable.accessLog ?? false)
    if (log !== null) gateway.stages.exchangeObservers.push(log)
  },
  { fastify: '5.x', name: '@gatewright/access-log', dependencies: ['@gatewright/core'] }
)
