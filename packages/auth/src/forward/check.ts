import { isManaged } from '@gatewright/core'
import type { ForwardSchemeConfig } from '../config/config.js'

const FRAMING = /^(?:content-length|transfer-encoding|connection|keep-alive|upgrade|trailer|te|expect|host)$/i

const FORWARDED = /^x-forwarded-(?:for|proto|host|port|method|uri|prefix)$/

/** Yields what is wrong with a forward scheme that the schema cannot see. */
export function* checkForward(config: ForwardSchemeConfig, at: string): Iterable<string> {
  const { requestHeaders = [], responseHeaders = [], refusalHeaders = [], body, cache, method } = config
  for (const [key, names] of Object.entries({ requestHeaders, responseHeaders }))
    for (const [index, name] of names.entries())
      if (isTaken(name.toLowerCase()) || FRAMING.test(name))
        yield `${at}.${key}[${index}]: '${name}' is the gateway's own business; leave it out`
  for (const [index, name] of responseHeaders.entries()) {
    if (
      /^(?:set-cookie|cookie|content-.*|authorization)$/i.test(name) &&
      name.toLowerCase() !== 'authorization'
    )
      yield `${at}.responseHeaders[${index}]: '${name}' has a meaning of its own in requests`
    else if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/i.test(name))
      yield `${at}.responseHeaders[${index}]: '${name}' must be a header name of letters, digits and hyphens`
  }
  for (const [index, name] of refusalHeaders.entries())
    if (FRAMING.test(name)) yield `${at}.refusalHeaders[${index}]: '${name}' is written by the gateway`
  if (body === '0B') yield `${at}.body: must be at least 1B; leave it out to send none`
  if (body !== undefined && cache !== undefined)
    yield `${at}.cache: a decision that depends on the body is not remembered; leave out one of both`
  if (body !== undefined && method === 'GET') yield `${at}.method: a GET has no body; use 'POST' or 'same'`
  for (const name of cache?.by ?? [])
    if (!name.startsWith(':') && !requestNames(config).has(name.toLowerCase()))
      yield `${at}.cache.by: the service does not get '${name}', which is none of 'requestHeaders'`
}

function requestNames({
  requestHeaders = ['authorization', 'cookie']
}: ForwardSchemeConfig): ReadonlySet<string> {
  return new Set(requestHeaders.map((name) => name.toLowerCase()))
}

// Others of that beginning, such as X-Forwarded-User, are taken of trusted proxies only.
function isTaken(name: string): boolean {
  return name.startsWith('x-forwarded-') ? FORWARDED.test(name) : isManaged(name)
}
