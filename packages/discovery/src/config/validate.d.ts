import type { Validator } from '@gatewright/core'

/** Checks a value of `discovery`. Written by the build. */
export declare const discovery: Validator
