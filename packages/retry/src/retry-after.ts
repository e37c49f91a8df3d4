/**
 * The delay in milliseconds of a `Retry-After` field (RFC 9110, section 10.2.3): seconds of any number of digits, or an
 * HTTP-date, compared with `wallClock` (milliseconds since the epoch). 0 if it is malformed or the date has passed.
 */
export function retryAfterMs(value: string, wallClock: number): number {
  const text = value.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  if (!/^[A-Z][a-z]{2}/.test(text)) return 0
  const at = Date.parse(text)
  return Number.isNaN(at) ? 0 : Math.max(0, at - wallClock)
}
