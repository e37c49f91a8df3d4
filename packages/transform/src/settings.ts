import type { TransformConfig } from './config/config.js'
import { HeadersEdit } from './headers/headers-edit.js'
import { headersSettings } from './headers/settings.js'

/** A checked `transform`, compiled. */
export interface TransformSettings {
  /** Changes to the fields of requests; `null` for none. */
  readonly requestHeaders: HeadersEdit | null
}

/** Compiles a validated and checked `transform`; `null` for none. */
export function resolveTransform(config: TransformConfig | undefined): TransformSettings | null {
  if (config === undefined || config === false) return null
  const { request = {} } = config
  return {
    requestHeaders:
      request.headers === undefined ? null : new HeadersEdit(headersSettings(request.headers, 'request'))
  }
}
