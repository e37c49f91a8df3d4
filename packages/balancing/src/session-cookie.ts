import { type Duration, durationMs, type Exchange } from '@gatewright/core'
import { findPair } from './pair.js'

/** Attributes of the session cookie. `HttpOnly` and `Path=/` are always set. */
export interface SessionCookieOptions {
  /** Default `lax`. With `none` the cookie is always `Secure`, as browsers refuse it otherwise. */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** Whether browsers send it over HTTPS only. Default: when the request that gets it came over HTTPS. */
  readonly secure?: boolean
  /** How long browsers keep it, in whole seconds, from its first use. Default: until the browser is closed. */
  readonly maxAge?: Duration
}

/** Reads and writes one cookie (RFC 6265). */
export interface SessionCookie {
  /** The value that the client sent; `undefined` for none. */
  read(exchange: Exchange): string | undefined
  /** Adds the cookie to the response of the attempt that is about to begin. */
  write(exchange: Exchange, value: string): void
}

/** The cookie with this name. */
export function createSessionCookie(name: string, options: SessionCookieOptions): SessionCookie {
  const { sameSite = 'lax', secure, maxAge } = options
  const age = maxAge === undefined ? '' : `; Max-Age=${Math.floor((durationMs(maxAge) as number) / 1_000)}`
  const attributes = `; Path=/${age}; HttpOnly; SameSite=${SAME_SITE[sameSite]}`
  const always = sameSite === 'none' ? true : secure
  return {
    read: ({ headers }) => findPair(headers.cookie ?? '', name, ';')?.trimEnd(),
    write(exchange, value) {
      const isSecure = always ?? exchange.ingress.proto === 'https'
      exchange.attemptCookies = [`${name}=${value}${attributes}${isSecure ? '; Secure' : ''}`]
    }
  }
}

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' }
