import type { EditedRequest, Params } from '@gatewright/core'

/** A path parameter, decoded. */
export function paramOf(params: Params | null, name: string): string {
  return params !== null && Object.hasOwn(params, name) ? (params[name] as string) : ''
}

/**
 * The first parameter of a query with this name, decoded as a form would be: `+` is a space. An escape that is no valid UTF-8
 * stands for itself.
 */
export function queryValue(query: string, name: string): string {
  let start = query.charCodeAt(0) === 63 ? 1 : 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand === -1 ? query.length : ampersand
    const equals = query.indexOf('=', start)
    const nameEnd = equals === -1 || equals > end ? end : equals
    if (decodeForm(query.slice(start, nameEnd)) === name) return decodeForm(query.slice(nameEnd + 1, end))
    start = end + 1
  }
  return ''
}

/** A name or value of a query, decoded as a form would be. */
export function decodeForm(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/**
 * A header field of a request, as it goes upstream before transforms: what a hook or feature has set, else the client's own
 * end-to-end field, of which several are one with commas. `name` in lower case.
 */
export function headerValue({ ingress, upstreamHeaders }: EditedRequest, name: string): string {
  const set = upstreamHeaders?.get(name)
  if (set !== undefined) return set ?? ''
  const { headers } = ingress
  let found = ''
  for (let i = 0; i < headers.length; i += 2)
    if (isNamed(headers[i] as string, name)) {
      const value = headers[i + 1] as string
      found = found === '' ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`
    }
  return found
}

function isNamed(given: string, name: string): boolean {
  return given.length === name.length && (given === name || given.toLowerCase() === name)
}

/** The value of a cookie (RFC 6265, section 5.4); the first one of its name. */
export function cookieValue(request: EditedRequest, name: string): string {
  const header = headerValue(request, 'cookie')
  let start = 0
  while (start < header.length) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon === -1 ? header.length : semicolon
    const equals = header.indexOf('=', start)
    if (equals !== -1 && equals < end && header.slice(start, equals).trim() === name)
      return header.slice(equals + 1, end).trim()
    start = end + 1
  }
  return ''
}
