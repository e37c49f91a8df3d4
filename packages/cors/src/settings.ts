import { durationMs } from '@gatewright/core'
import type { CorsConfig } from './config/config.js'
import { type OriginRule, resolveOrigins } from './origins.js'

/** Settings of `cors`: nothing optional. */
export interface CorsSettings {
  readonly observe: boolean
  readonly origins: OriginRule
  /** `null` for those of the route. */
  readonly methods: readonly string[] | '*' | null
  /** `Access-Control-Allow-Headers`; `null` for what is asked. */
  readonly allowedHeaders: string | null
  /** `Access-Control-Expose-Headers`; `''` for none. */
  readonly exposedHeaders: string
  readonly credentials: boolean
  /** `Access-Control-Max-Age`; `''` for none. */
  readonly maxAge: string
  readonly privateNetwork: boolean
  readonly refuseOthers: boolean
}

/** Settings of a validated `cors`; `null` where it is off. */
export function resolveCors(config: CorsConfig | undefined): CorsSettings | null {
  if (config === undefined || config === false) return null
  const { origins, methods = null, allowedHeaders, exposedHeaders = [], maxAge } = config
  return {
    observe: config.mode === 'observe',
    origins: resolveOrigins(origins),
    methods,
    allowedHeaders: allowedHeaders?.join(', ') ?? null,
    exposedHeaders: exposedHeaders.join(', '),
    credentials: config.credentials ?? false,
    maxAge: maxAge === undefined ? '' : String(Math.floor((durationMs(maxAge) as number) / 1_000)),
    privateNetwork: config.privateNetwork ?? false,
    refuseOthers: config.refuseOthers ?? false
  }
}
