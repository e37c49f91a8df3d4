import type { Validator } from './problems.js'

/** Where keys are allowed: a table route and a native route have different keys. */
export type LayerKind = 'gateway' | 'pool' | 'policy' | 'route' | 'native'

/** Checks core's keys of a configuration. Written by the build. */
export declare const validateConfig: Validator
/** Checks core's keys of a native route. Written by the build. */
export declare const validateNativeRoute: Validator
/** Core's own keys by layer, each with the keys of the objects that it may be. Written by the build. */
export declare const layerKeys: Readonly<Record<LayerKind, Readonly<Record<string, readonly string[]>>>>
