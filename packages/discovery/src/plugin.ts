import { checkPluginOptions, type Pool, toldError } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Discoveries } from './discoveries.js'
import { describeDiscoveryEvents } from './events.js'
import { discoveryKey } from './keys.js'
import { discoveryMonitoring } from './monitoring.js'

/** Keeps the endpoints of pools with `discovery` up to date. Takes no options: pools configure it. */
export const discovery: FastifyPluginAsync = fp(
  async function discovery(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/discovery', options, [], "pools have 'discovery'")
    const { gateway } = app
    const { timers, chance, events } = gateway
    const discoveries = new Discoveries({ timers, chance, events })
    events.on('discovery_failed', function warnOfFailure({ pool, error }) {
      gateway.faults.warn(sourceName(pool), `has failed: ${toldError(error)}`, error)
    })
    gateway.monitoring.push(discoveryMonitoring)
    gateway.keys.add(discoveryKey)
    describeDiscoveryEvents(events)
    gateway.changes.push({
      name: 'discovery',
      prepare: (next, previous) => discoveries.prepare(next, previous)
    })
    app.addHook('onReady', async function startDiscovery() {
      await discoveries.start()
    })
    app.addHook('onClose', async function stopDiscovery() {
      discoveries.stop()
    })
  },
  { fastify: '5.x', name: '@gatewright/discovery', dependencies: ['@gatewright/core'] }
)

function sourceName({ id, config: { discovery } }: Pool): string {
  const of =
    discovery === undefined
      ? ''
      : 'dns' in discovery
        ? ` by DNS '${discovery.dns}'`
        : 'file' in discovery
          ? ` by file '${discovery.file}'`
          : ' by a source of its own'
  return `the discovery of pool '${id}'${of}`
}
