export type { EndpointState } from './entry.js'
export type { Flight, FlightAttempt, FlightNote } from './flight.js'
export * from './plugin.js'
export type { FlightRecorder } from './recorder.js'
