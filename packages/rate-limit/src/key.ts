import { createHash } from 'node:crypto'
import { clientPrefix, type Exchange } from '@gatewright/core'

/** Returns what a request is counted by; `null` or `''` for nothing. One that throws is reported, and counts as nothing. */
export type RateLimitKeyFunction = (exchange: Exchange) => string | null

/** What requests are counted by, but for lists. */
export type SingleRateLimitKey =
  | 'client'
  | 'route'
  | 'pool'
  | 'consumer'
  | 'subject'
  | { readonly claim: string }
  | { readonly header: string }
  | { readonly cookie: string }
  | { readonly constant: string }
  | RateLimitKeyFunction

/** What requests are counted by. Those of a list count together: a client's requests of one tenant. */
export type RateLimitKey = SingleRateLimitKey | readonly SingleRateLimitKey[]

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
const LONGEST = 128

/** Yields what is wrong with a key. */
export function* checkKey(key: unknown, at: string): Iterable<string> {
  if (Array.isArray(key)) {
    if (key.length === 0) yield `${at}: must name something`
    for (const [index, part] of key.entries()) yield* checkKey(part, `${at}[${index}]`)
  } else if (!isSingle(key))
    yield `${at}: must be 'client', 'route', 'pool', 'consumer', 'subject', { claim }, { header }, { cookie }, { constant }, a function, or a list of these`
}

const WORDS: ReadonlySet<unknown> = new Set(['client', 'route', 'pool', 'consumer', 'subject'])

function isSingle(key: unknown): boolean {
  if (typeof key === 'function' || WORDS.has(key)) return true
  if (typeof key !== 'object' || key === null) return false
  const [[name, value] = [], ...others] = Object.entries(key)
  if (others.length > 0 || typeof value !== 'string' || value === '') return false
  if (name === 'constant' || name === 'claim') return true
  return (name === 'header' || name === 'cookie') && TOKEN.test(value)
}

/** Whether a key is known only when it is known who the request is from. */
export function needsIdentity(key: RateLimitKey): boolean {
  if (isList(key)) return key.some(needsIdentity)
  return key === 'consumer' || key === 'subject' || (typeof key === 'object' && 'claim' in key)
}

/**
 * Makes what reads a key from an exchange; `null` where a part of it is missing. Throws a TypeError where a function returns
 * something else than a text or `null`.
 */
export function readerOf(key: RateLimitKey, ipv6Prefix: number): RateLimitKeyFunction {
  if (!isList(key)) return singleReader(key, ipv6Prefix)
  const readers = key.map((one) => singleReader(one, ipv6Prefix))
  return (exchange) => {
    let joined = ''
    for (const read of readers) {
      const part = read(exchange)
      if (part === null || part === '') return null
      // Lengths, so that no two lists of parts are joined to the same text.
      joined += `${part.length}:${part}`
    }
    return joined
  }
}

function singleReader(key: SingleRateLimitKey, ipv6Prefix: number): RateLimitKeyFunction {
  if (typeof key === 'function') return (exchange) => textOf(key(exchange))
  if (key === 'client') return ({ ingress: { client } }) => clientPrefix(client, ipv6Prefix)
  if (key === 'route') return ({ route }) => route?.id ?? null
  if (key === 'pool') return ({ pool }) => pool?.id ?? null
  if (key === 'consumer') return ({ identity }) => identity?.consumer ?? null
  if (key === 'subject')
    return ({ identity }) => (identity === null ? null : `${identity.scheme} ${identity.subject}`)
  if ('claim' in key)
    return ({ identity }) => (identity === null ? null : claimIn(identity.claims, key.claim))
  if ('constant' in key) return () => key.constant
  if ('cookie' in key) return ({ headers }) => cookieIn(headers.cookie, key.cookie)
  const name = key.header.toLowerCase()
  return ({ headers }) => (Object.hasOwn(headers, name) ? headerText(headers[name]) : null)
}

// What a function returns is of the user's own making: it must not pass for what stands for a client.
function textOf(key: unknown): string | null {
  if (key === null) return key
  if (typeof key === 'string') return key.charCodeAt(0) < 32 ? ` ${key}` : key
  throw new TypeError(`returned ${typeof key}, not a text or null`)
}

// A name, or the names of a path, such as `realm.tenant`. One with dots in it goes before a path.
function claimIn(claims: Readonly<Record<string, unknown>>, path: string): string | null {
  let found: unknown = claims
  for (const name of Object.hasOwn(claims, path) ? [path] : path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null
    found = (found as Record<string, unknown>)[name]
  }
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
    ? String(found)
    : null
}

function isList(key: RateLimitKey): key is readonly SingleRateLimitKey[] {
  return Array.isArray(key)
}

function headerText(value: string | readonly string[] | undefined): string | null {
  if (value === undefined || value === '') return null
  return typeof value === 'string' ? value : value.join(', ')
}

/** The value of a cookie (RFC 6265, section 5.4); the first one of its name. */
function cookieIn(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim() || null
  }
  return null
}

/** What a request is counted by that has no key and is counted by its client: no key of another kind looks so. */
export function clientKey(client: string, ipv6Prefix: number): string {
  return `\n${clientPrefix(client, ipv6Prefix)}`
}

/** What stands for a key in tables: long ones by a hash, which nobody finds a second key for. */
export function tableKey(key: string): string {
  return key.length <= LONGEST ? key : `\t${createHash('sha256').update(key).digest('base64url')}`
}
