import type { ConcurrencyConfig, GatewayConfig, NativeRouteConfig } from '@gatewright/core'
import { resolveLimit, resolveProcess } from './settings.js'

interface Options {
  readonly concurrency?: ConcurrencyConfig
}

/** Yields the problems of `overload` and `concurrency` that the schema cannot see. */
export function* checkOverload(
  { pools = {}, policies = {}, routes = [], overload }: GatewayConfig,
  native: readonly (readonly [name: string, config: NativeRouteConfig])[]
): Iterable<string> {
  for (const [id, pool] of Object.entries(pools)) yield* check(pool, `pools.${id}`)
  for (const [id, policy] of Object.entries(policies)) yield* check(policy, `policies.${id}`)
  for (const [index, route] of routes.entries()) yield* check(route, `routes[${index}]`)
  for (const [name, config] of native) yield* check(config, name)
  if (overload !== undefined && resolveProcess(overload) === null)
    yield 'overload: limits nothing; give maxEventLoopDelay, maxEventLoopUtilization or maxHeapPercent'
}

function* check({ concurrency }: Options, at: string): Iterable<string> {
  if (concurrency === undefined) return
  if (resolveLimit(concurrency) === null) yield `${at}.concurrency: limits nothing; give 'max' or 'adaptive'`
  const { max = 1_000, adaptive } = concurrency
  const { min = Math.min(10, max), initial = Math.min(Math.max(50, min), max) } =
    typeof adaptive === 'object' ? adaptive : {}
  if (min > max) yield `${at}.concurrency.adaptive.min: ${min} must not be above max (${max})`
  else if (initial < min || initial > max)
    yield `${at}.concurrency.adaptive.initial: ${initial} must be from min (${min}) to max (${max})`
}
