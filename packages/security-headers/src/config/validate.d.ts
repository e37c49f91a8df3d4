import type { Validator } from '@gatewright/core'

/** Checks a value of `securityHeaders`. Written by the build. */
export declare const securityHeaders: Validator

/** Checks a value of `requireTls`. Written by the build. */
export declare const requireTls: Validator
