import type { Validator } from '@gatewright/core'

/** Checks a value of `rateLimit`. Written by the build. */
export declare const rateLimit: Validator
/** Checks a value of `rateLimitStore`. Written by the build. */
export declare const rateLimitStore: Validator
