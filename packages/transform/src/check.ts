import type { TransformConfig } from './config/config.js'
import { checkHeaders } from './headers/check.js'
import { checkJson } from './json/check.js'

/** Yields the problems of `transform` that the schema cannot see. */
export function* checkTransform(config: TransformConfig, at: string): Iterable<string> {
  if (config === false) return
  const { request, response } = config
  if (request?.headers !== undefined) yield* checkHeaders(request.headers, `${at}.request.headers`, 'request')
  if (request?.json !== undefined) yield* checkJson(request.json, `${at}.request.json`, 'request')
  if (response?.json !== undefined) yield* checkJson(response.json, `${at}.response.json`, 'response')
}
