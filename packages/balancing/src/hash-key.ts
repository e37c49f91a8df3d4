import type { Exchange } from '@gatewright/core'
import { findPair } from './pair.js'

/** What a request is hashed by. Names after `header:` are read without regard to case. */
export type HashKey = 'client' | 'path' | `header:${string}` | `cookie:${string}` | `query:${string}`

/** What a {@link HashKey} looks like, for the schema. */
export const HASH_KEY_PATTERN = "^(client|path|query:.+|(header|cookie):[\\w!#$%&'*+.^`|~-]+)$"

/** Reads the key off a request; `''` when the request has none. */
export type ReadKey = (exchange: Exchange) => string

/** The reader for a validated key. */
export function createKeyReader(key: HashKey): ReadKey {
  if (key === 'client') return ({ ingress }) => ingress.client
  if (key === 'path') return ({ path }) => path
  const colon = key.indexOf(':')
  const name = key.slice(colon + 1)
  switch (key.slice(0, colon)) {
    case 'header':
      return headerReader(name.toLowerCase())
    case 'cookie':
      return ({ headers }) => findPair(headers.cookie ?? '', name, ';')?.trimEnd() ?? ''
    default:
      return ({ query }) => findPair(query.slice(1), name, '&') ?? ''
  }
}

function headerReader(name: string): ReadKey {
  return ({ headers }) => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }
}
