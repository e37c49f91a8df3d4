import type { Validator } from '@gatewright/core'

/** Checks a value of `accessLog`. Written by the build. */
export declare const accessLog: Validator
