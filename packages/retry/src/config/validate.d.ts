import type { Validator } from '@gatewright/core'

/** Checks a value of `retry`. Written by the build. */
export declare const retry: Validator
/** Checks a value of `hedge`. Written by the build. */
export declare const hedge: Validator
