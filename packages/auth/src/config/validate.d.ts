import type { Validator } from '@gatewright/core'

/** Checks a value of `authentication`. Written by the build. */
export declare const authentication: Validator
/** Checks a list of API keys. Written by the build. */
export declare const apiKeys: Validator
/** Checks users of a Basic scheme. Written by the build. */
export declare const basicUsers: Validator
/** Checks a value of `auth`. Written by the build. */
export declare const auth: Validator
/** Checks a value of `authorize`. Written by the build. */
export declare const authorize: Validator
