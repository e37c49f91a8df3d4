import type { TransformConfig } from './config/config.js'
import { HeadersEdit } from './headers/headers-edit.js'
import { headersSettings } from './headers/settings.js'
import { type JsonSettings, resolveJson } from './json/settings.js'

/** A checked `transform`, compiled. */
export interface TransformSettings {
  /** Changes to the fields of requests; `null` for none. */
  readonly requestHeaders: HeadersEdit | null
  /** Changes to the JSON of bodies; `null` for none. */
  readonly requestJson: JsonSettings | null
  readonly responseJson: JsonSettings | null
}

/** Compiles a validated and checked `transform`; `null` for none. */
export function resolveTransform(config: TransformConfig | undefined): TransformSettings | null {
  if (config === undefined || config === false) return null
  const { request = {}, response = {} } = config
  return {
    requestHeaders:
      request.headers === undefined ? null : new HeadersEdit(headersSettings(request.headers, 'request')),
    requestJson: resolveJson(request.json, 'request'),
    responseJson: resolveJson(response.json, 'response')
  }
}
