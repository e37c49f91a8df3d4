import type { Validator } from '@gatewright/core'

/** Checks of what only a server has, by key. Written by the build. */
export declare const listen: Validator
export declare const server: Validator
export declare const shutdown: Validator
export declare const probes: Validator
export declare const logger: Validator
