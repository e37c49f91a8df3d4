import type { Validator } from '@gatewright/core'

/** Checks a value of `cors`. Written by the build. */
export declare const cors: Validator
