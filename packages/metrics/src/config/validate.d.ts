import type { Validator } from '@gatewright/core'

/** Checks a value of `metrics`. Written by the build. */
export declare const metrics: Validator
