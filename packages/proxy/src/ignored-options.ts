import type { RouteOptions } from 'fastify'

/** What Fastify cannot do for a body that passes by its parsers: the option, and what to do instead. */
const IGNORED: readonly (readonly [name: string, advice: string, given: (route: RouteOptions) => boolean])[] =
  [
    [
      'bodyLimit',
      "set 'bodyLimit' in 'config.gateway', such as '64KiB'",
      ({ bodyLimit }) => bodyLimit !== undefined
    ],
    [
      'schema.body',
      'read it in a preHandler hook with exchange.json(), and check that',
      ({ schema }) => (schema as { readonly body?: unknown } | undefined)?.body !== undefined
    ]
  ]

/** Yields a sentence for each option of a gateway route that would do nothing, as its body is not parsed. */
export function* ignoredOptions(route: RouteOptions): Iterable<string> {
  for (const [name, advice, given] of IGNORED)
    if (given(route))
      yield `${[route.method].flat().join(',')} ${route.url}: '${name}' of Fastify does nothing for a body that is forwarded and not parsed; ${advice}`
}
