import type { AuthOptions, GatewayServerConfig } from '@gatewright/gateway'
import type { RouteView } from './route-view.js'

/** Which schemes a route asks: the ways to satisfy it, each a list of schemes that must all identify the request. */
export interface AuthView {
  /** `routes[0].auth`. */
  readonly path: string
  readonly ways: readonly (readonly string[])[]
  readonly optional: boolean
  readonly observe: boolean
}

/** A scheme of any kind. */
export type Scheme = NonNullable<NonNullable<GatewayServerConfig['authentication']>['schemes']>[string]

/** What a route asks about who a request is from; `undefined` for nothing. */
export function authOf(route: RouteView): AuthView | undefined {
  const given = route.given('auth')
  if (given === undefined || given.value === false) return undefined
  const { path, value } = given
  if (typeof value === 'string') return { path, ways: [[value]], optional: false, observe: false }
  if (value.default !== undefined) return undefined
  return {
    path,
    ways: waysIn(value),
    optional: value.optional === true,
    observe: value.mode === 'observe'
  }
}

/** The ways in of an `auth` that is a scheme, or an object with `any` or `all`. */
export function waysIn(auth: unknown): readonly (readonly string[])[] {
  if (typeof auth === 'string') return [[auth]]
  const { any, all } = (auth ?? {}) as Pick<AuthOptions, 'any' | 'all'>
  return waysOf(any === undefined ? { all: all ?? [] } : { any })
}

type Terms = NonNullable<AuthOptions['any']>
type Term = Terms[number] | { readonly any: Terms } | { readonly all: Terms }

function waysOf(term: Term): string[][] {
  if (typeof term === 'string') return [[term]]
  if ('any' in term) return term.any.flatMap(waysOf)
  let ways: string[][] = [[]]
  for (const one of term.all) {
    const more = waysOf(one)
    ways = ways.flatMap((way) => more.map((next) => [...way, ...next]))
  }
  return ways
}

/** The schemes of a configuration, by name, with where they stand. */
export function* schemesIn({ authentication }: GatewayServerConfig): Iterable<{
  readonly name: string
  readonly path: string
  readonly scheme: Scheme
}> {
  for (const [name, scheme] of Object.entries(authentication?.schemes ?? {}))
    yield { name, path: `authentication.schemes.${name}`, scheme }
}

const SENT_ALONG = new Set(['basic', 'apiKey', 'jwt', 'introspection'])

/** Whether programs send the credential of a scheme with every request. Cookies are those of browsers, which follow a redirect once and then remember. */
export function isSentAlong(scheme: Scheme | undefined): boolean {
  if (scheme === undefined || !SENT_ALONG.has(scheme.type)) return false
  const { from } = scheme as { readonly from?: readonly { readonly cookie?: string }[] }
  return from === undefined || from.some(({ cookie }) => cookie === undefined)
}
