import type { Options } from '../draft.js'
import { escaped } from '../nginx/patterns.js'

/** A route's path, and how it is matched. */
export interface RoutePath {
  readonly path: string
  readonly options: Options
  /** What all paths of it begin with. */
  readonly base: string
}

/** The paths of routes for a mount of Express, and a path filter within it: `''` for none. `null` for one that is no path. */
export function routePath(mount: string, isUse: boolean, filter: string): RoutePath | null {
  const base = mount.replace(/\/(\*+\w*)?$/, '').replace(/^\*$/, '')
  const express: Options = base === '' || isUse ? {} : { caseSensitive: false, trailingSlash: 'ignore' }
  if (filter === '' || filter === '/' || /^\/?\*\*(\/\*\*?)?$/.test(filter)) {
    if (isUse || /\*/.test(mount) || mount === '')
      return { path: `${base}/*`, options: base === '' ? {} : { caseSensitive: false }, base }
    return { path: mount, options: express, base }
  }
  const plain = filter.replace(/\/\*\*?$/, '').replace(/\/$/, '')
  if (/^\/[^*?[\]{}!()]*$/.test(plain))
    return { path: `${base}${plain}/*`, options: {}, base: `${base}${plain}` }
  if (/^[^?[\]{}!()]*$/.test(filter)) {
    const source = filter
      .replaceAll(/\*\*\/\*?/g, '**')
      .split(/(\*\*|\*)/)
      .map((part) => (part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : escaped(part)))
      .join('')
    return { path: `~^${escaped(base)}${source}$`, options: {}, base }
  }
  return null
}

/** A rule of `pathRewrite`. */
export interface RewriteRule {
  readonly pattern: string
  readonly replacement: string
}

/** What a rule makes of a path, of which `strip` was taken away before: as options of a route. */
export function rewriteOf({ pattern, replacement }: RewriteRule, strip: string): Options {
  if (pattern === '^/' && strip !== '' && /^\/([^$]*\/)?$/.test(replacement)) {
    const add = replacement.replace(/\/$/, '')
    return { stripPrefix: strip, ...(add === '' ? {} : { addPrefix: add }) }
  }
  const inner = pattern.startsWith('^') ? pattern.slice(1) : `.*?${pattern}`
  return { regex: { pattern: strip === '' ? pattern : `^${escaped(strip)}${inner}`, replacement } }
}

/** What all paths begin with that a pattern matches, where it is a plain text: `/old` of `^/old`. */
export function prefixOf(pattern: string): string | null {
  const plain = pattern.replaceAll('\\/', '/').replace(/\$$/, '')
  return /^\^\/[\w/-]*$/.test(plain) ? plain.slice(1).replace(/\/$/, '') : null
}
