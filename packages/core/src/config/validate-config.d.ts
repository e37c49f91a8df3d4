import type { Validator } from './problems.js'

/** Checks a value against `ConfigSchema`. Written by the build. */
export declare const validateConfig: Validator
/** Checks a value against `NativeRouteSchema`. Written by the build. */
export declare const validateNativeRoute: Validator
/** Checks a value against `ServerSchema`. Written by the build. */
export declare const validateServer: Validator
