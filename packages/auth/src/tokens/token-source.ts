import { type Exchange, isSecretName } from '@gatewright/core'
import { decoded } from '../credential-removal.js'
import type { CredentialPlace } from '../scheme.js'

/** Where a token may be found: one of a header, a cookie and a parameter of the query. */
export interface TokenPlaceConfig {
  readonly header?: string
  readonly scheme?: string
  readonly cookie?: string
  readonly query?: string
}

/** What was found at a place: a token, `null` for none, or what is wrong with it. */
type Found = string | null | { readonly problem: string }

interface Place extends CredentialPlace {
  read(exchange: Exchange): Found
}

const AUTHORIZATION: readonly TokenPlaceConfig[] = [{ header: 'authorization' }]
const NONE: readonly CredentialPlace[] = []

/** Yields what is wrong with the places of tokens that the schema cannot see. */
export function* checkTokenPlaces(from: readonly TokenPlaceConfig[], at: string): Iterable<string> {
  const seen = new Set<string>()
  for (const [index, place] of from.entries()) {
    const { header, scheme, cookie, query } = place
    if ([header, cookie, query].filter((one) => one !== undefined).length !== 1) {
      yield `${at}[${index}]: give one of 'header', 'cookie' and 'query'`
      continue
    }
    if (scheme !== undefined && header === undefined) yield `${at}[${index}].scheme: is for a header`
    const id = JSON.stringify([header?.toLowerCase(), cookie, query])
    if (seen.has(id)) yield `${at}[${index}]: is there twice`
    seen.add(id)
    if (query !== undefined && !isSecretName(query))
      yield `${at}[${index}].query: '${query}' would be shown in logs; choose a name that they know as a secret's, such as 'access_token'`
  }
}

/** Reads tokens from requests. Stateless, and made once per scheme. */
export class TokenSource {
  readonly #places: readonly Place[]
  readonly #forward: boolean
  readonly #removes = new Map<number, readonly CredentialPlace[]>()

  /** `forward`: whether upstreams get the token. Default places: `Authorization` with the scheme Bearer. */
  constructor(from: readonly TokenPlaceConfig[] = AUTHORIZATION, forward = false) {
    this.#places = from.map(placeOf)
    this.#forward = forward
  }

  /** The token of the first place that has one; `null` for none. */
  read(exchange: Exchange): Found {
    for (const place of this.#places) {
      const found = place.read(exchange)
      if (found !== null) return found
    }
    return null
  }

  /** The places of a request that hold a token, all of which upstreams must not get: as a number that may be compared. */
  held(exchange: Exchange): number {
    if (this.#places.length === 1) return 1
    let held = 0
    for (const [index, place] of this.#places.entries()) if (place.read(exchange) !== null) held |= 1 << index
    return held
  }

  /** The same as a list; empty where tokens are forwarded. */
  removes(held: number): readonly CredentialPlace[] {
    if (this.#forward) return NONE
    let removes = this.#removes.get(held)
    if (removes === undefined) {
      removes = this.#places
        .filter((_, index) => (held & (1 << index)) !== 0)
        .map(({ in: where, name }) => ({ in: where, name }))
      this.#removes.set(held, removes)
    }
    return removes
  }
}

function placeOf({ header, scheme, cookie, query }: TokenPlaceConfig): Place {
  if (cookie !== undefined)
    return { in: 'cookie', name: cookie, read: ({ headers }) => fromCookie(headers.cookie, cookie) }
  if (query !== undefined)
    return { in: 'query', name: query, read: (exchange) => fromQuery(exchange.query, query) }
  const name = (header as string).toLowerCase()
  if (name === 'authorization') return { in: 'header', name, read: fromAuthorization(scheme ?? 'Bearer') }
  return { in: 'header', name, read: fromHeader(name, scheme) }
}

function fromAuthorization(scheme: string): Place['read'] {
  const prefix = `${scheme.toLowerCase()} `
  return ({ raw }) => {
    const value = raw.headers.authorization
    if (value === undefined) return null
    const token = afterScheme(value, prefix)
    // Node keeps the first of several, and an upstream might read the last.
    return token !== null && countOf(raw.rawHeaders, 'authorization') > 1
      ? { problem: 'Authorization was sent more than once' }
      : token
  }
}

function fromHeader(name: string, scheme: string | undefined): Place['read'] {
  const prefix = scheme === undefined ? null : `${scheme.toLowerCase()} `
  return ({ headers }) => {
    const value = headers[name]
    if (typeof value !== 'string') return null
    return prefix === null ? value : afterScheme(value, prefix)
  }
}

// RFC 9110, section 11.4: the scheme in any letter case, and spaces.
function afterScheme(value: string, prefix: string): string | null {
  const head = value.slice(0, prefix.length).toLowerCase()
  if (head === prefix) {
    let start = prefix.length
    while (value.charCodeAt(start) === 0x20) start++
    return value.slice(start)
  }
  return `${head} ` === prefix ? '' : null
}

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const one = rawHeaders[index] as string
    if (one.length === name.length && one.toLowerCase() === name) count++
  }
  return count
}

function fromCookie(cookies: string | undefined, name: string): Found {
  if (cookies === undefined) return null
  const values = new Set<string>()
  for (const pair of cookies.split(';')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name) values.add(pair.slice(equals + 1).trim())
  }
  return onlyOne(values, 'the cookie')
}

function fromQuery(query: string, name: string): Found {
  if (query.length < 2) return null
  const values: string[] = []
  for (const pair of query.slice(1).split('&')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && decoded(pair.slice(0, equals)) === name) values.push(decoded(pair.slice(equals + 1)))
  }
  return onlyOne(values, 'the parameter')
}

function onlyOne(values: Iterable<string>, what: string): Found {
  const [first, second] = values
  if (second !== undefined) return { problem: `${what} was sent more than once` }
  return first ?? null
}
