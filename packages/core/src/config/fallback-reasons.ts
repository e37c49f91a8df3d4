import type { FallbackConfig, GatewayConfig, NativeRouteConfig } from './config.js'
import { didYouMean } from './nearest.js'

/** Yields a problem for each reason of a `fallback` that no part of the gateway has. */
export function* checkFallbackReasons(
  { policies = {}, routes = [] }: GatewayConfig,
  native: readonly { readonly name: string; readonly config: NativeRouteConfig }[],
  reasons: object
): Iterable<string> {
  for (const [id, { fallback }] of Object.entries(policies))
    yield* unknownReasons(fallback, `policies.${id}`, reasons)
  for (const [index, { fallback }] of routes.entries())
    yield* unknownReasons(fallback, `routes[${index}]`, reasons)
  for (const { name, config } of native) yield* unknownReasons(config.fallback, name, reasons)
}

function* unknownReasons(
  fallback: FallbackConfig | undefined,
  at: string,
  reasons: object
): Iterable<string> {
  for (const reason of fallback?.on ?? [])
    if (!Object.hasOwn(reasons, reason))
      yield `${at}.fallback.on: there is no reason '${reason}'${didYouMean(reason, Object.keys(reasons))}`
}
