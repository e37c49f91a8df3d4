import type { FlightRecorderConfig } from './config/config.js'

/** How much is kept. */
export interface RecorderSettings {
  /** How many of the last exchanges, from 1. Default 500. */
  readonly recent: number
  /** How many of the last failures beside them, from 1. Default 500. */
  readonly failures: number
}

/** Reads the configuration; `null` when nothing is to be kept. */
export function resolveRecorder(config: FlightRecorderConfig = false): RecorderSettings | null {
  if (config === false) return null
  const { recent = 500, failures = 500 } = config === true ? {} : config
  return { recent, failures }
}
