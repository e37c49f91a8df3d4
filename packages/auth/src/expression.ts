import { didYouMean, show } from '@gatewright/core'
import type { AuthTerm } from './auth-term.js'
import type { AuthConfig, AuthOptions } from './config/config.js'

/** The ways to satisfy an `auth`: lists of schemes that must all identify the request, in the order in which they are asked. */
export type Alternatives = readonly (readonly string[])[]

const MOST_ALTERNATIVES = 32
const DEEPEST = 4

/** The alternatives of an `auth` that has been checked. */
export function alternativesOf(auth: Exclude<AuthConfig, false>): Alternatives {
  if (typeof auth === 'string') return [[auth]]
  const { any, all } = auth
  return expanded((any === undefined ? { all: all ?? [] } : { any }) as AuthTerm).map((one) => [
    ...new Set(one)
  ])
}

function expanded(term: AuthTerm): string[][] {
  if (typeof term === 'string') return [[term]]
  if ('any' in term) return term.any.flatMap(expanded)
  let ways: string[][] = [[]]
  for (const one of term.all) {
    const more = expanded(one)
    ways = ways.flatMap((way) => more.map((next) => [...way, ...next]))
  }
  return ways
}

/** Yields what is wrong with an `auth`, besides the names of its schemes. */
export function* checkAuth(auth: AuthConfig, at: string): Iterable<string> {
  if (typeof auth !== 'object') return
  const { any, all, default: byDefault, ...more } = auth as AuthOptions
  if (byDefault !== undefined) {
    const [other] = Object.keys(auth).filter((key) => key !== 'default')
    if (at !== 'auth') yield `${at}.default: stands at the top only; a route is let through by auth: false`
    else if (other !== undefined)
      yield `${at}.${other}: does nothing beside 'default', which is for routes without an 'auth'`
    return
  }
  if (any === undefined && all === undefined) {
    yield Object.keys(more).length > 0 ? `${at}: give 'any' or 'all' beside it` : `${at}: give 'any' or 'all'`
    return
  }
  if (any !== undefined && all !== undefined) {
    yield `${at}: give one of 'any' and 'all'; they go into one another: { any: ['a', { all: ['b', 'c'] }] }`
    return
  }
  const problems = [
    ...checkTerms((any ?? all) as readonly unknown[], `${at}.${any === undefined ? 'all' : 'any'}`, 1)
  ]
  yield* problems
  if (problems.length === 0 && alternativesOf(auth as AuthOptions).length > MOST_ALTERNATIVES)
    yield `${at}: has more than ${MOST_ALTERNATIVES} alternatives`
}

function* checkTerms(terms: readonly unknown[], at: string, depth: number): Iterable<string> {
  for (const [index, term] of terms.entries()) {
    const place = `${at}[${index}]`
    if (typeof term === 'string') continue
    const [[name, inner] = [], ...others] = Object.entries((term ?? {}) as object)
    if (
      others.length > 0 ||
      (name !== 'any' && name !== 'all') ||
      !Array.isArray(inner) ||
      inner.length === 0
    )
      yield `${place}: ${show(term)} must be the name of a scheme, { any: [...] } or { all: [...] }`
    else if (depth === DEEPEST) yield `${place}: is nested too deeply`
    else yield* checkTerms(inner, `${place}.${name}`, depth + 1)
  }
}

/** What is wrong with the name of a scheme; `null` for nothing. */
export function unknownScheme(name: string, schemes: Readonly<Record<string, unknown>>): string | null {
  if (Object.hasOwn(schemes, name)) return null
  return `there is no scheme '${name}' in authentication.schemes${didYouMean(name, Object.keys(schemes))}`
}

/** The alternatives in words: `jwt or (mtls and partners)`. */
export function shown(alternatives: Alternatives): string {
  return alternatives
    .map((way) => (way.length > 1 && alternatives.length > 1 ? `(${way.join(' and ')})` : way.join(' and ')))
    .join(' or ')
}
