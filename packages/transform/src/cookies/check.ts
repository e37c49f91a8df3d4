import type { CookieOptions } from './cookie-settings.js'

const DOMAIN = /^\.?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/
// RFC 6265, section 4.1.1: no control characters and no semicolon.
const PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/
const NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** Yields what is wrong with `cookies`. */
export function* checkCookies(
  config: true | CookieOptions | readonly CookieOptions[],
  at: string
): Iterable<string> {
  if (config === true) return
  const all = [config].flat() as readonly CookieOptions[]
  for (const [index, one] of all.entries())
    yield* checkOne(one, Array.isArray(config) ? `${at}[${index}]` : at)
}

function* checkOne(
  { names = [], path, domain, secure, sameSite, ...more }: CookieOptions,
  at: string
): Iterable<string> {
  for (const name of names) if (!NAME.test(name)) yield `${at}.names: '${name}' is no name of a cookie`
  if (typeof path === 'string' && !PATH.test(path))
    yield `${at}.path: '${path}' must begin with a slash, and have no ';', spaces or characters outside ASCII`
  const domains = typeof domain === 'object' ? Object.entries(domain) : [['*', domain] as const]
  for (const [old, now] of domains)
    for (const one of [old, now])
      if (typeof one === 'string' && one !== '*' && !DOMAIN.test(one))
        yield `${at}.domain: '${one}' is no domain`
  if (domains.some(([, now]) => now === '*')) yield `${at}.domain: '*' stands for old domains only`
  if (sameSite === 'none' && secure !== true)
    yield `${at}.sameSite: browsers refuse 'none' without Secure; add \`secure: true\``
  if (path === undefined && domain === undefined && secure === undefined && sameSite === undefined)
    if (more.httpOnly === undefined) yield `${at}: changes nothing`
}
