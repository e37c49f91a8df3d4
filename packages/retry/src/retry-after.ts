/**
 * Milliseconds that a `Retry-After` asks to wait (RFC 9110, section 10.2.3): a number of seconds or an HTTP-date, which
 * is compared with `wallClock`, milliseconds since the epoch. 0 for what is neither, and for a date that has passed. A
 * number has as many digits as it likes.
 */
export function retryAfterMs(value: string, wallClock: number): number {
  const text = value.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  if (!/^[A-Z][a-z]{2}/.test(text)) return 0
  const at = Date.parse(text)
  return Number.isNaN(at) ? 0 : Math.max(0, at - wallClock)
}
