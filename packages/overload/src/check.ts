import type { ConcurrencyConfig, OverloadConfig } from './config/config.js'
import { resolveLimit, resolveProcess } from './settings.js'

/** Yields the problems of `overload` that the schema cannot see. */
export function* checkProcess(config: OverloadConfig, at: string): Iterable<string> {
  if (resolveProcess(config) === null)
    yield `${at}: limits nothing; give maxEventLoopDelay, maxEventLoopUtilization or maxHeapPercent`
}

/** Yields the problems of `concurrency` that the schema cannot see. */
export function* checkLimit(config: ConcurrencyConfig, at: string): Iterable<string> {
  if (resolveLimit(config) === null) yield `${at}: limits nothing; give 'max' or 'adaptive'`
  const { max = 1_000, adaptive } = config
  const { min = Math.min(10, max), initial = Math.min(Math.max(50, min), max) } =
    typeof adaptive === 'object' ? adaptive : {}
  if (min > max) yield `${at}.adaptive.min: ${min} must not be above max (${max})`
  else if (initial < min || initial > max)
    yield `${at}.adaptive.initial: ${initial} must be from min (${min}) to max (${max})`
}
