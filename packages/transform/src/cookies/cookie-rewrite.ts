import { includes } from '../name-set.js'
import type { CookieSettings } from './cookie-settings.js'

/** `Path` of a cookie as the client has to see it; `null` where it stays. */
export type CookiePath = (path: string) => string | null

/** A line of Set-Cookie (RFC 6265, section 4.1.1) as the client gets it: changed by the first settings that mean it. */
export function rewriteCookie(line: string, all: readonly CookieSettings[], undone: CookiePath): string {
  const [pair = '', ...attributes] = line.split(';')
  const name = (pair.split('=')[0] as string).trim()
  const settings = all.find(({ names }) => names === null || includes(names, name))
  return settings === undefined ? line : [pair, ...changed(name, attributes, settings, undone)].join(';')
}

// Browsers take no '__Host-' cookie with another path or with a domain (RFC 6265bis, section 4.1.3).
function changed(
  name: string,
  attributes: readonly string[],
  settings: CookieSettings,
  undone: CookiePath
): string[] {
  const bound = /^__host-/i.test(name)
  const { domain, secure, sameSite, httpOnly } = settings
  let list = [...attributes]
  if (!bound) list = withPath(list, settings, undone)
  if (domain !== null && !bound) list = list.flatMap((one) => withDomain(one, domain))
  if (sameSite !== '') list = [...without(list, 'samesite'), ` SameSite=${sameSite}`]
  if (secure === true && !has(list, 'secure')) list.push(' Secure')
  if (secure === false && !needsSecure(name, list)) list = without(list, 'secure')
  if (httpOnly === true && !has(list, 'httponly')) list.push(' HttpOnly')
  if (httpOnly === false) list = without(list, 'httponly')
  return list
}

function withPath(list: string[], { path }: CookieSettings, undone: CookiePath): string[] {
  if (path === null) return list
  if (path !== 'undo') return [...without(list, 'path'), ` Path=${path.set}`]
  return list.map((one) => {
    if (keyOf(one) !== 'path') return one
    const value = textOf(one)
    const client = value[0] === '/' ? undone(value) : null
    return client === null ? one : ` Path=${client}`
  })
}

function withDomain(attribute: string, domain: ReadonlyMap<string, string>): string[] {
  if (keyOf(attribute) !== 'domain') return [attribute]
  const now = domain.get(textOf(attribute).toLowerCase().replace(/^\./, '')) ?? domain.get('*')
  if (now === undefined) return [attribute]
  return now === '' ? [] : [` Domain=${now}`]
}

function needsSecure(name: string, list: readonly string[]): boolean {
  return (
    /^__(?:host|secure)-/i.test(name) ||
    has(list, 'partitioned') ||
    list.some((one) => keyOf(one) === 'samesite' && textOf(one).toLowerCase() === 'none')
  )
}

function has(list: readonly string[], key: string): boolean {
  return list.some((one) => keyOf(one) === key)
}

function without(list: readonly string[], key: string): string[] {
  return list.filter((one) => keyOf(one) !== key)
}

function keyOf(attribute: string): string {
  return (attribute.split('=')[0] as string).trim().toLowerCase()
}

function textOf(attribute: string): string {
  const equals = attribute.indexOf('=')
  return equals === -1 ? '' : attribute.slice(equals + 1).trim()
}
