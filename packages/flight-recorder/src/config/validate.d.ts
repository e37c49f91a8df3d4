import type { Validator } from '@gatewright/core'

/** Checks a value of `flightRecorder`. Written by the build. */
export declare const flightRecorder: Validator
