import type { Exchange } from '@gatewright/core'

/**
 * What is charged when the response has ended: bytes of the request's or the response's body, the number in a header or
 * trailer of the response, or what a function of the finished exchange returns.
 */
export type RateLimitCostAfter =
  | 'request-bytes'
  | 'response-bytes'
  | { readonly header: string }
  | { readonly trailer: string }
  | ((exchange: Exchange) => number)

/** The most that is charged at once. */
const MOST_CHARGE: number = Number.MAX_SAFE_INTEGER

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Whether a value is one. */
export function isCostAfter(value: unknown): value is RateLimitCostAfter {
  if (typeof value === 'function' || value === 'request-bytes' || value === 'response-bytes') return true
  if (typeof value !== 'object' || value === null) return false
  const [[name, field] = [], ...others] = Object.entries(value)
  if (others.length > 0 || typeof field !== 'string' || !TOKEN.test(field)) return false
  return name === 'header' || name === 'trailer'
}

/** Where the response's headers can be read. */
export interface HeadersOf {
  getHeader(name: string): unknown
}

/**
 * What a finished exchange is charged; `reply` is `null` where none of its headers is to be read. A field that is
 * missing, or no number, charges nothing. Throws what a function throws, and a TypeError for what is no number from 0.
 */
export function chargeOf(after: RateLimitCostAfter, exchange: Exchange, reply: HeadersOf | null): number {
  if (after === 'request-bytes') return exchange.bytesReceived
  if (after === 'response-bytes') return exchange.bytesSent
  if (typeof after === 'function') {
    const found: unknown = after(exchange)
    if (typeof found === 'number' && found >= 0 && found <= MOST_CHARGE) return found
    throw new TypeError(`returned ${String(found)}, not a number from 0`)
  }
  const text =
    'header' in after
      ? reply?.getHeader(after.header.toLowerCase())
      : trailerIn(exchange.trailers, after.trailer.toLowerCase())
  const number = Number(Array.isArray(text) ? text[0] : (text ?? 0))
  return number >= 0 && number <= MOST_CHARGE ? number : 0
}

function trailerIn(trailers: readonly Buffer[] | null, name: string): string | null {
  if (trailers === null) return null
  for (let index = 0; index + 1 < trailers.length; index += 2)
    if (String(trailers[index]).toLowerCase() === name) return String(trailers[index + 1])
  return null
}
