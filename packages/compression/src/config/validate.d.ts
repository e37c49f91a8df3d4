import type { Validator } from '@gatewright/core'

/** Checks a value of `compression`. Written by the build. */
export declare const compression: Validator
