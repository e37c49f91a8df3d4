const MOST_DIGITS = 99_999_999

/** The value of `grpc-timeout` for milliseconds: at most eight digits and a unit (gRPC over HTTP/2, "Timeout"). */
export function wireTimeout(ms: number): string {
  const micros = Math.max(1, Math.floor(ms * 1_000))
  if (micros <= MOST_DIGITS) return `${micros}u`
  const millis = Math.floor(ms)
  return millis <= MOST_DIGITS ? `${millis}m` : `${Math.min(MOST_DIGITS, Math.floor(ms / 1_000))}S`
}
