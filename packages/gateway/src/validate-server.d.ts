import type { Validator } from '@gatewright/core'

/** Checks a value against `ServerSchema`. Written by the build. */
export declare const validateServer: Validator
