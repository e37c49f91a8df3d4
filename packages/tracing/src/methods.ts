/** The replacement for methods unknown to the conventions: clients can invent names. */
export const OTHER_METHOD = '_OTHER'

const KNOWN: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE'
])

/** Whether it is a method of RFC 9110, PATCH or QUERY, in upper case as it is sent. */
export function isKnownMethod(method: string): boolean {
  return KNOWN.has(method)
}

/** How a span of a request with this method begins. */
export function spanName(method: string): string {
  return isKnownMethod(method) ? method : 'HTTP'
}
