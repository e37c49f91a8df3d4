import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { createAccessLog } from './access-log.js'
import { openDestination } from './destination.js'
import { accessLogKey } from './keys.js'
import { takenFields } from './line-facts.js'
import { resolveAccessLog } from './settings.js'
import type { Sink } from './sink.js'
import { type AccessLogState, Writer } from './writer.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/access-log`. */
    readonly accessLog: AccessLogState
  }
}

/** Less than this is over with a few lines. */
const LEAST_BUFFER = 16 * 1024

/** One line per request (`accessLog`). Takes no options. */
export const accessLog: FastifyPluginAsync = fp(
  async function accessLog(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/access-log', options, [], "the configuration has 'accessLog'")
    const { gateway } = app
    const { clock, timers } = gateway
    const writer = new Writer(clock, app.log)
    gateway.keys.add(accessLogKey)
    app.decorate('accessLog', writer)
    const settings = resolveAccessLog(gateway.given(accessLogKey))
    if (settings === null) return
    gateway.measures.push(
      {
        name: 'proxy_access_log_written_total',
        help: 'Lines given to the destination of the access log.',
        type: 'counter',
        labels: [],
        read: (show) => show(writer.written)
      },
      {
        name: 'proxy_access_log_dropped_total',
        help: 'Lines of the access log that its destination was too slow for, or failed to take.',
        type: 'counter',
        labels: [],
        read: (show) => show(writer.dropped)
      }
    )
    gateway.stages.exchangeObservers.push(createAccessLog(settings, (line) => writer.write(line)))
    gateway.checks.push(function* checkAccessLog() {
      yield* takenFields(gateway.facts.all)
      const { maxBuffer } = settings
      if (maxBuffer < LEAST_BUFFER) yield 'accessLog.maxBuffer: must be 16KiB or more'
      if (writer.hasSink) return
      // Only opening it tells whether it can be written.
      try {
        const open = (): Sink => openDestination(settings, { maxBuffer, timers, failed: writer.failed })
        writer.use(open(), typeof settings.destination === 'string' ? open : null)
      } catch (error) {
        yield `accessLog.destination: ${(error as Error).message}`
      }
    })
    app.addHook('onClose', () => writer.close())
  },
  { fastify: '5.x', name: '@gatewright/access-log', dependencies: ['@gatewright/core'] }
)
