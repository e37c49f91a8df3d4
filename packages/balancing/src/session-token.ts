import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Endpoint } from '@gatewright/core'

/** Names endpoints to clients without telling them anything. */
export interface SessionTokens {
  /**
   * The token of an endpoint: a keyed hash of its URL, and a signature of that. Always the same for the same secret,
   * pool and URL, so that every gateway understands it.
   */
  of(endpoint: Endpoint): string
  /** Whether this is the token of an endpoint that the pool has, or once had. */
  isGenuine(token: string): boolean
}

/** Makes and checks the tokens of one pool: HMAC-SHA256, each use of the secret with a prefix of its own. */
export function createSessionTokens(secret: string, poolId: string): SessionTokens {
  const tokens = new WeakMap<Endpoint, string>()
  const sign = (name: string): string => keyedHash(secret, `session\0${poolId}\0${name}`)
  return {
    of(endpoint) {
      let token = tokens.get(endpoint)
      if (token === undefined) {
        const name = keyedHash(secret, `endpoint\0${poolId}\0${endpoint.url}`).slice(0, NAME_LENGTH)
        token = `${name}.${sign(name)}`
        tokens.set(endpoint, token)
      }
      return token
    },
    isGenuine(token) {
      if (!SHAPE.test(token)) return false
      const expected = sign(token.slice(0, NAME_LENGTH))
      return timingSafeEqual(Buffer.from(token.slice(NAME_LENGTH + 1)), Buffer.from(expected))
    }
  }
}

/** HMAC-SHA256 in base64url: 43 characters. */
export function keyedHash(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

// 22 characters of base64url are 132 bits: no two endpoints share a name.
const NAME_LENGTH = 22
const SHAPE = /^[\w-]{22}\.[\w-]{43}$/
