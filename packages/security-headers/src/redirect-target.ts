import { type Exchange, hostKey } from '@gatewright/core'

/** The https URL of a request; `null` where its host is none of `hosts`, so that nobody is led elsewhere by a forged one. */
export function redirectTarget(
  { ingress, path, query }: Pick<Exchange, 'ingress' | 'path' | 'query'>,
  hosts: readonly string[],
  port: string
): string | null {
  const host = hostKey(ingress.forwardedHost || ingress.authority)
  // `OPTIONS *` has no path.
  if (host === '' || path[0] !== '/' || !hosts.some((known) => isAt(host, known))) return null
  return `https://${host}${port}${path}${query}`
}

function isAt(host: string, known: string): boolean {
  return known.startsWith('*.')
    ? host.length > known.length - 1 && host.endsWith(known.slice(1))
    : host === known
}
