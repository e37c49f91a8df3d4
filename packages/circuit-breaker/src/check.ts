import type { GatewayConfig, NativeRouteConfig } from '@gatewright/core'
import { resolveBreaker } from './settings.js'

type Options = Pick<NativeRouteConfig, 'circuitBreaker'>

/** Yields the problems of `circuitBreaker` that the schema cannot see. */
export function* checkBreakers(
  { pools = {}, policies = {}, routes = [] }: GatewayConfig,
  native: readonly (readonly [name: string, config: NativeRouteConfig])[]
): Iterable<string> {
  for (const [id, pool] of Object.entries(pools)) yield* check(pool, `pools.${id}`)
  for (const [id, policy] of Object.entries(policies)) yield* check(policy, `policies.${id}`)
  for (const [index, route] of routes.entries()) yield* check(route, `routes[${index}]`)
  for (const [name, config] of native) yield* check(config, name)
}

function* check({ circuitBreaker }: Options, at: string): Iterable<string> {
  const settings = resolveBreaker(circuitBreaker)
  if (settings === null) return
  const { openMs, maxOpenMs } = settings
  if (openMs > maxOpenMs)
    yield `${at}.circuitBreaker: openDuration must not be longer than maxOpenDuration (${maxOpenMs / 1_000}s)`
}
