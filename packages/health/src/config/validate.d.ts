import type { Validator } from '@gatewright/core'

/** Checks a value of `health`. Written by the build. */
export declare const health: Validator
/** Checks a value of `outlierDetection`. Written by the build. */
export declare const outlierDetection: Validator
/** Checks a value of `slowStart`. Written by the build. */
export declare const slowStart: Validator
/** Checks a value of `unhealthy`. Written by the build. */
export declare const unhealthy: Validator
