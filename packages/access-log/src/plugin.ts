import { checkPluginOptions, type Gauge, settingIn } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { createAccessLog } from './access-log.js'
import { type AccessLogState, Destinations } from './destinations.js'
import { accessLogKey } from './keys.js'
import { takenFields } from './line-facts.js'
import { accessLogMonitoring } from './monitoring.js'
import type { Writer } from './writer.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/access-log`. */
    readonly accessLog: AccessLogState
  }
}

/** Fewer bytes than this hold only a few lines. */
const LEAST_BUFFER = 16 * 1024

/** One line per request (`accessLog`). Takes no options. */
export const accessLog: FastifyPluginAsync = fp(
  async function accessLog(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/access-log', options, [], "the configuration has 'accessLog'")
    const { gateway } = app
    const destinations = new Destinations(gateway.clock, gateway.timers, app.log)
    gateway.monitoring.push(accessLogMonitoring)
    gateway.keys.add(accessLogKey)
    app.decorate('accessLog', destinations)
    gateway.gauges.push(...gaugesOf(destinations))
    gateway.checks.push(function* checkAccessLog(config) {
      const settings = settingIn(accessLogKey, config)
      if (settings === null) return
      yield* takenFields(gateway.facts.all)
      if (settings.maxBuffer < LEAST_BUFFER) yield 'accessLog.maxBuffer: must be 16KiB or more'
    })
    let current: Writer | null = null
    gateway.changes.push({
      name: 'access-log',
      prepare(next, _previous, problems) {
        const settings = settingIn(accessLogKey, next.config)
        const before = current
        let writer: Writer | null = null
        if (settings !== null)
          try {
            // Only opening it shows whether it can be written.
            const opened = destinations.acquire(settings)
            writer = opened
            // A request that a hook of the app's has held for longer than its configuration was needed comes after the close.
            const write = (line: string): void =>
              (opened.closed && current !== null ? current : opened).write(line)
            next.stages.exchangeObservers.push(createAccessLog(settings, write))
          } catch (error) {
            problems.push(`accessLog.destination: ${(error as Error).message}`)
          }
        const giveBack = (one: Writer | null) => (): void => {
          if (one !== null) destinations.release(one)
        }
        return {
          commit() {
            current = writer
            if (settings !== null) writer?.resize(settings.maxBuffer)
          },
          retire: giveBack(before),
          abandon: giveBack(writer)
        }
      }
    })
    app.addHook('onClose', () => destinations.close())
  },
  { fastify: '5.x', name: '@gatewright/access-log', dependencies: ['@gatewright/core'] }
)

// A gateway that never had a log shows nothing of one.
function gaugesOf(state: Destinations): Gauge[] {
  const counter = (name: string, help: string, read: () => number): Gauge => ({
    name,
    help,
    type: 'counter',
    labels: [],
    read(show) {
      if (state.used) show(read())
    }
  })
  return [
    counter(
      'proxy_access_log_written_total',
      'Lines given to the destination of the access log.',
      () => state.written
    ),
    counter(
      'proxy_access_log_dropped_total',
      'Lines of the access log that its destination was too slow for, or failed to take.',
      () => state.dropped
    )
  ]
}
