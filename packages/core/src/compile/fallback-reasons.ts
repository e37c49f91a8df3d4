import { didYouMean } from '../config/nearest.js'

interface FallingBack {
  readonly fallback?: { readonly on?: readonly string[] }
}

/** Yields a problem for each reason of a `fallback` that no part of the gateway has. */
export function* checkFallbackReasons(
  {
    policies = {},
    routes = []
  }: {
    readonly policies?: Readonly<Record<string, FallingBack>>
    readonly routes?: readonly FallingBack[]
  },
  native: readonly { readonly name: string; readonly config: FallingBack }[],
  reasons: object
): Iterable<string> {
  for (const [id, policy] of Object.entries(policies))
    yield* unknownReasons(policy, `policies.${id}`, reasons)
  for (const [index, route] of routes.entries()) yield* unknownReasons(route, `routes[${index}]`, reasons)
  for (const { name, config } of native) yield* unknownReasons(config, name, reasons)
}

function* unknownReasons({ fallback }: FallingBack, at: string, reasons: object): Iterable<string> {
  for (const reason of fallback?.on ?? [])
    if (!Object.hasOwn(reasons, reason))
      yield `${at}.fallback.on: there is no reason '${reason}'${didYouMean(reason, Object.keys(reasons))}`
}
