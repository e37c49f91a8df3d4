import type { Validator } from '@gatewright/core'

/** Checks a value of `overload`. Written by the build. */
export declare const overload: Validator
/** Checks a value of `concurrency`. Written by the build. */
export declare const concurrency: Validator
/** Checks a value of `importance`. Written by the build. */
export declare const importance: Validator
