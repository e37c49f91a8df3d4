import { type NameSet, nameSet } from '../name-set.js'

/** What is changed in cookies, as configured. */
export interface CookieOptions {
  readonly names?: readonly string[]
  readonly path?: true | string
  readonly domain?: DomainConfig
  readonly secure?: boolean
  readonly sameSite?: 'strict' | 'lax' | 'none'
  readonly httpOnly?: boolean
}

/** `false`: none. A text: that one. By old domain, in any case, `*` for others. */
type DomainConfig = false | string | Readonly<Record<string, false | string>>

/** What is changed in the cookies of these names. */
export interface CookieSettings {
  /** `null` for all. */
  readonly names: NameSet | null
  /** `'undo'`: the route's rewrite is undone. `null`: it stays. */
  readonly path: 'undo' | { readonly set: string } | null
  /** By old domain in lower case, without a leading dot, `*` for others; `null`: it stays. `''`: none. */
  readonly domain: ReadonlyMap<string, string> | null
  readonly secure: boolean | null
  /** `''`: it stays. */
  readonly sameSite: string
  readonly httpOnly: boolean | null
}

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' }

/** Settings of checked `cookies`. */
export function cookieSettings(config: true | CookieOptions | readonly CookieOptions[]): CookieSettings[] {
  const all: readonly CookieOptions[] = config === true ? [{ path: true, domain: false }] : [config].flat()
  return all.map(({ names, path, domain, secure = null, sameSite, httpOnly = null }) => ({
    names: names === undefined ? null : nameSet(names),
    path: path === true ? 'undo' : path === undefined ? null : { set: path },
    domain: domain === undefined ? null : domainMap(domain),
    secure,
    sameSite: sameSite === undefined ? '' : SAME_SITE[sameSite],
    httpOnly
  }))
}

function domainMap(config: DomainConfig): ReadonlyMap<string, string> {
  const byOld = typeof config === 'object' ? config : { '*': config }
  return new Map(
    Object.entries(byOld).map(([old, now]) => [
      old.toLowerCase().replace(/^\./, ''),
      now === false ? '' : now
    ])
  )
}
