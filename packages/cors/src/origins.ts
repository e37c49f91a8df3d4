import type { Exchange } from '@gatewright/core'
import { wildcardOf } from './origin-pattern.js'

/** Whether an origin may read the response to a request. One that throws, or returns something else, is reported and allows none. */
export type CorsOriginFunction = (origin: string, exchange: Exchange) => boolean | Promise<boolean>

/** An origin such as `https://shop.example`, a wildcard such as `https://*.shop.example`, `null`, or an expression for whole origins. */
export type CorsOrigin = string | RegExp

/** Which origins are allowed. `*` is all of them. */
export type CorsOrigins = CorsOrigin | readonly CorsOrigin[] | CorsOriginFunction

/** Which origins are allowed, compiled. */
export interface OriginRule {
  /** All are, so that responses do not depend on the origin. */
  readonly all: boolean
  /** Never rejects for a list. A function of the user's may throw or reject. */
  allows(origin: string, exchange: Exchange): boolean | Promise<boolean>
}

const ALL: OriginRule = { all: true, allows: () => true }

// RFC 6454, section 6.2. Two origins, as of a header that was sent twice, are none.
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[^\s,/?#@\\]{1,300})$/

/** Compiles what has been checked. */
export function resolveOrigins(origins: CorsOrigins): OriginRule {
  if (origins === '*') return ALL
  if (typeof origins === 'function')
    return { all: false, allows: (origin, exchange) => ORIGIN.test(origin) && origins(origin, exchange) }
  const list = [origins].flat() as CorsOrigin[]
  const exact = new Set(list.filter((one): one is string => typeof one === 'string' && !one.includes('*')))
  const patterns = list.flatMap((one) => {
    if (typeof one !== 'string') return wholeOrigin(one)
    return one.includes('*') ? wildcardOf(one) : []
  })
  if (patterns.length === 0) return { all: false, allows: (origin) => exact.has(origin) }
  return {
    all: false,
    allows(origin) {
      if (exact.has(origin)) return true
      if (!ORIGIN.test(origin)) return false
      for (const pattern of patterns) if (pattern.test(origin)) return true
      return false
    }
  }
}

/** The expression, for a whole origin, and without what it would remember between two of them. */
export function wholeOrigin({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.includes('i') ? 'i' : '')
}
