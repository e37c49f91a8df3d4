import type { Validator } from '@gatewright/core'

/** Checks a value of `validation`. Written by the build. */
export declare const validation: Validator
