import { defineKey, type Key } from '@gatewright/core'
import type { FlightRecorderConfig } from './config/config.js'
import { flightRecorder as validate } from './config/validate.js'

/** `flightRecorder` of the whole configuration. */
export const recorderKey: Key<FlightRecorderConfig, FlightRecorderConfig | undefined> = defineKey({
  name: 'flightRecorder',
  on: ['gateway'],
  plugin: '@gatewright/flight-recorder',
  reload: 'live',
  validate
})
