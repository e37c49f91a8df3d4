import { checkPluginOptions, settingIn } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { recorderKey } from './keys.js'
import { Notes } from './notes.js'
import { type FlightRecorder, Recorder } from './recorder.js'
import { resolveRecorder } from './settings.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/flight-recorder`: how the last requests went. */
    readonly flightRecorder: FlightRecorder
  }
}

/** Keeps how the last requests went (`flightRecorder`). Takes no options. Register it after circuit breakers. */
export const flightRecorder: FastifyPluginAsync = fp(
  async function flightRecorder(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/flight-recorder', options, [], "the configuration has 'flightRecorder'")
    const { gateway } = app
    const recorder = new Recorder(gateway, Date.now)
    const notes = new Notes(gateway.events, recorder)
    app.decorate('flightRecorder', recorder)
    gateway.keys.add(recorderKey)
    gateway.changes.push({
      name: 'flight-recorder',
      prepare({ config, stages }) {
        const settings = resolveRecorder(settingIn(recorderKey, config))
        if (settings !== null) {
          stages.observers.push(recorder)
          stages.exchangeObservers.push(recorder)
        }
        return {
          commit() {
            recorder.use(settings)
            if (settings === null) notes.stop()
            else notes.start()
          }
        }
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/flight-recorder', dependencies: ['@gatewright/core'] }
)
