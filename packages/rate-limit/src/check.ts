import type { RateLimitConfig, RateLimitOptions } from './config/config.js'
import { isCost, MOST_COST } from './cost.js'
import { isCostAfter } from './cost-after.js'
import { checkKey } from './key.js'
import { UNNAMED } from './settings.js'

/** Yields the problems of `rateLimit` that the schema cannot see. */
export function* checkRateLimit(config: RateLimitConfig, at: string): Iterable<string> {
  if (config === false) return
  const limits: readonly RateLimitOptions[] = Array.isArray(config) ? config : [config as RateLimitOptions]
  const names = new Set<string>()
  for (const [index, one] of limits.entries()) {
    const place = Array.isArray(config) ? `${at}[${index}]` : at
    const { name = UNNAMED, key, cost, costAfter } = one
    if (names.has(name))
      yield `${place}.name: '${name}' is there twice; each limit of a list needs a name of its own`
    names.add(name)
    yield* checkNumbers(one, place)
    if (key !== undefined) yield* checkKey(key, `${place}.key`)
    if (costAfter !== undefined && !isCostAfter(costAfter))
      yield `${place}.costAfter: must be 'request-bytes', 'response-bytes', { header }, { trailer } or a function`
    if (cost !== undefined && typeof cost !== 'function' && !isCost(cost))
      yield `${place}.cost: must be a number from 0 to ${MOST_COST}, or a function that returns one`
  }
}

const OF_RATES = [
  'requestsPerSecond',
  'burst',
  'limit',
  'window',
  'algorithm',
  'cost',
  'costAfter',
  'store',
  'onStoreFailure'
] as const

function* checkNumbers(options: RateLimitOptions, at: string): Iterable<string> {
  const { requestsPerSecond, burst, limit, window, algorithm = 'token-bucket', concurrent } = options
  if (concurrent !== undefined) {
    for (const name of OF_RATES)
      if (options[name] !== undefined && options[name] !== 'memory')
        yield `${at}.${name}: does nothing beside 'concurrent', which limits how many run at a time`
    return
  }
  if (requestsPerSecond === undefined) {
    if (limit === undefined && window === undefined)
      yield `${at}: limits nothing; give 'requestsPerSecond', or 'limit' and 'window', or 'concurrent'`
    else if (limit === undefined) yield `${at}.limit: is missing beside 'window'`
    else if (window === undefined) yield `${at}.window: is missing beside 'limit'`
  } else {
    for (const name of ['limit', 'window', 'algorithm'] as const)
      if (options[name] !== undefined && (name !== 'algorithm' || algorithm !== 'token-bucket'))
        yield `${at}.${name}: does nothing beside 'requestsPerSecond', which is a token bucket`
  }
  if (burst !== undefined && algorithm !== 'token-bucket')
    yield `${at}.burst: does nothing with '${algorithm}'; it is for a token bucket`
}
