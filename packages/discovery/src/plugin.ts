import { checkPluginOptions, type Pool, toldError } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { describeDiscoveryEvents } from './events.js'
import { discoveryKey } from './keys.js'
import { SourceLoop } from './source-loop.js'
import { sourceOf } from './sources.js'

/** How long a start waits for the first endpoints of a pool that has none. */
const FIRST_MS = 2_000

/** Keeps the endpoints of pools with `discovery` up to date. Takes no options: pools carry them. */
export const discovery: FastifyPluginAsync = fp(
  async function discovery(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/discovery', options, [], "pools have 'discovery'")
    const { gateway } = app
    const { timers, chance, events } = gateway
    const loops: SourceLoop[] = []
    events.on('discovery_failed', function warnOfFailure({ pool, error }) {
      gateway.faults.warn(sourceName(pool), `has failed: ${toldError(error)}`, error)
    })
    gateway.keys.add(discoveryKey)
    describeDiscoveryEvents(events)
    app.addHook('onReady', async function startDiscovery() {
      const waits: Promise<void>[] = []
      for (const pool of gateway.snapshot.pools.values()) {
        const { discovery: config } = pool.config
        if (config === undefined) continue
        const loop = new SourceLoop(pool, { timers, chance, events }, sourceOf(config, timers))
        loops.push(loop)
        loop.start()
        if (pool.endpoints.length === 0) waits.push(loop.first)
      }
      if (waits.length === 0) return
      await Promise.race([
        Promise.all(waits),
        new Promise<void>((done) => void timers.after(FIRST_MS, done, true))
      ])
    })
    app.addHook('onClose', async function stopDiscovery() {
      for (const loop of loops) loop.stop()
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
