import type { TransformConfig } from './config/config.js'
import { checkHeaders } from './headers/check.js'

/** Yields the problems of `transform` that the schema cannot see. */
export function* checkTransform(config: TransformConfig, at: string): Iterable<string> {
  if (config === false) return
  const { request } = config
  if (request?.headers !== undefined) yield* checkHeaders(request.headers, `${at}.request.headers`, 'request')
}
