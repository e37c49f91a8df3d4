import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { describeHealthEvents } from './events.js'
import { Health } from './health.js'
import { healthKey, outlierKey, slowStartKey, unhealthyKey } from './keys.js'
import { healthMonitoring } from './monitoring.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/health`. */
    readonly health: Health
  }
}

/** Active probes, outlier ejection, slow start, and the policy without usable endpoints. Takes no options: pools configure it. */
export const health: FastifyPluginAsync = fp(
  async function health(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/health',
      options,
      [],
      "pools have 'health', 'outlierDetection', 'slowStart' and 'unhealthy'"
    )
    const { gateway } = app
    const state = new Health(gateway, (message) => app.log.warn(message))
    app.decorate('health', state)
    gateway.monitoring.push(healthMonitoring)
    gateway.keys.add(healthKey, outlierKey, slowStartKey, unhealthyKey)
    describeHealthEvents(gateway.events)
    gateway.changes.push({ name: 'health', prepare: (next) => state.prepare(next) })
    app.addHook('onReady', async function startProbes() {
      state.start()
    })
    app.addHook('onClose', async function stopProbes() {
      state.stop()
    })
  },
  { fastify: '5.x', name: '@gatewright/health', dependencies: ['@gatewright/core'] }
)
