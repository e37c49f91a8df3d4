import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { recorderKey } from './keys.js'
import { takeNotes } from './notes.js'
import { type FlightRecorder, notRecording, Recorder } from './recorder.js'
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
    const settings = resolveRecorder(gateway.given(recorderKey))
    gateway.keys.add(recorderKey)
    const recorder = settings === null ? null : new Recorder(gateway, settings, Date.now)
    app.decorate('flightRecorder', recorder ?? notRecording)
    if (recorder === null) return
    gateway.stages.exchangeObservers.push(recorder)
    takeNotes(gateway.events, recorder)
    // Features attach themselves here too: what they tell of an attempt must come before its observers get here.
    gateway.changes.push({
      name: 'flight-recorder',
      prepare(next) {
        next.stages.observers.push(recorder)
        return undefined
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/flight-recorder', dependencies: ['@gatewright/core'] }
)
