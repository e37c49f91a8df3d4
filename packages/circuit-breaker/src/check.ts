import type { BreakerConfig } from './config/config.js'
import { resolveBreaker } from './settings.js'

/** Yields the problems of `circuitBreaker` that the schema cannot see. */
export function* checkBreaker(config: BreakerConfig, at: string): Iterable<string> {
  const settings = resolveBreaker(config)
  if (settings === null) return
  const { openMs, maxOpenMs } = settings
  if (openMs > maxOpenMs)
    yield `${at}: openDuration must not be longer than maxOpenDuration (${maxOpenMs / 1_000}s)`
}
