import type { Validator } from '@gatewright/core'

/** Checks a value of `transform`. Written by the build. */
export declare const transform: Validator
