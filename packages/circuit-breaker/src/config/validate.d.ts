import type { Validator } from '@gatewright/core'

/** Checks a value of `circuitBreaker`. Written by the build. */
export declare const circuitBreaker: Validator
