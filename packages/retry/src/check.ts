import { checkMethod } from '@gatewright/core'
import type { RetryConfig } from './config/config.js'

/** Yields the problems of `retry` that the schema cannot see. */
export function* checkRetry(config: RetryConfig, at: string): Iterable<string> {
  const methods = typeof config === 'object' ? config.methods : undefined
  for (const method of Array.isArray(methods) ? methods : []) yield* checkMethod(method, `${at}.methods`)
}
