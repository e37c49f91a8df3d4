import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { overloadGauges } from './gauges.js'
import { concurrencyKey, importanceKey, overloadKey } from './keys.js'
import { overloadMonitoring } from './monitoring.js'
import { beginObserved } from './observing.js'
import { Overload } from './overload.js'
import { OVERLOADED, QUEUE_TIMEOUT } from './reasons.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/overload`. */
    readonly overload: Overload
  }
}

/** Concurrency limits (`concurrency`, `importance`) and protection of the process (`overload`). Takes no options. */
export const overload: FastifyPluginAsync = fp(
  async function overload(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/overload',
      options,
      [],
      "the configuration has 'overload', pools and routes have 'concurrency'"
    )
    const { gateway } = app
    const state = new Overload(gateway)
    app.decorate('overload', state)
    gateway.monitoring.push(overloadMonitoring)
    gateway.keys.add(overloadKey, concurrencyKey, importanceKey)
    gateway.reasons.add(OVERLOADED, QUEUE_TIMEOUT)
    beginObserved(gateway.events)
    gateway.gauges.push(...overloadGauges(state))
    gateway.changes.push({ name: 'overload', prepare: (next) => state.prepare(next) })
    app.addHook('onClose', async function stopSampling() {
      state.stop()
    })
  },
  { fastify: '5.x', name: '@gatewright/overload', dependencies: ['@gatewright/core'] }
)
