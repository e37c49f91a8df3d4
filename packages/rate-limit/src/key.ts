import type { Exchange } from '@gatewright/core'
import { clientPrefix } from './client-prefix.js'

/** Returns what a request is counted by; `null` or `''` for nothing. One that throws is reported, and counts as nothing. */
export type RateLimitKeyFunction = (exchange: Exchange) => string | null

/** What requests are counted by, but for lists. */
export type SingleRateLimitKey =
  | 'client'
  | 'route'
  | 'pool'
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
    yield `${at}: must be 'client', 'route', 'pool', { header }, { cookie }, { constant }, a function, or a list of these`
}

function isSingle(key: unknown): boolean {
  if (typeof key === 'function' || key === 'client' || key === 'route' || key === 'pool') return true
  if (typeof key !== 'object' || key === null) return false
  const [[name, value] = [], ...others] = Object.entries(key)
  if (others.length > 0 || typeof value !== 'string' || value === '') return false
  return name === 'constant' || ((name === 'header' || name === 'cookie') && TOKEN.test(value))
}

/** Makes what reads a key from an exchange; `null` where a part of it is missing. */
export function readerOf(key: RateLimitKey, ipv6Prefix: number): RateLimitKeyFunction {
  if (isList(key)) {
    const readers = key.map((one) => readerOf(one, ipv6Prefix))
    return (exchange) => {
      let joined = ''
      for (const read of readers) {
        const part = read(exchange)
        if (part === null) return null
        // Lengths, so that no two lists of parts are joined to the same text.
        joined += `${part.length}:${part}`
      }
      return joined
    }
  }
  if (key === 'client') return ({ ingress: { client } }) => clientPrefix(client, ipv6Prefix)
  if (key === 'route') return ({ route }) => route?.id ?? ''
  if (key === 'pool') return ({ pool }) => pool?.id ?? ''
  if (typeof key === 'function') return key
  if ('constant' in key) return () => key.constant
  if ('header' in key) {
    const name = key.header.toLowerCase()
    return ({ headers }) => headerText(headers[name])
  }
  return ({ headers }) => cookieIn(headers.cookie, key.cookie)
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

/** What stands for a key in tables: long ones by their beginning, their length and a hash. */
export function tableKey(key: string): string {
  if (key.length <= LONGEST) return key
  let hash = 0xcbf29ce484222325n
  for (let index = 0; index < key.length; index++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(key.charCodeAt(index))) * 0x100000001b3n)
  return `${key.slice(0, LONGEST - 40)}…${key.length}.${hash.toString(36)}`
}
