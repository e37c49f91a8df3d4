import type { Validator } from '@gatewright/core'

/** Checks a value of `filters`. Written by the build. */
export declare const filters: Validator
