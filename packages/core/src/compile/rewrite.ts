import type { RewriteConfig } from '../config/config.js'
import { type PathSettings, readPath } from '../model/path.js'
import type { ReadMapping, Rewrite } from '../model/route.js'
import { checkRegExp, isRegExpSource } from '../regex/regex.js'
import { compileMapping } from './prefix-mapping.js'
import { compileSegments, firstSegments, withoutSlash } from './rewrite-pieces.js'

// Of a configured path, only what every upstream reads in one way is taken; `%2F` and `//` have one reading here.
const AS_WRITTEN: PathSettings = { policy: 'reject', encodedSlashes: 'keep', duplicateSlashes: 'keep' }
const REFERENCE = /\$(?:[$&`']|(\d{1,2})|<([^>]*)>)/g

/** Yields one sentence per problem of a rewrite. */
export function* checkRewrite(config: RewriteConfig, at: string): Iterable<string> {
  const { stripPrefix, addPrefix, set, regex } = config
  const ways = [stripPrefix ?? addPrefix, set, regex].filter((way) => way !== undefined)
  if (ways.length > 1) yield `${at}: give at most one of stripPrefix/addPrefix, set and regex`
  for (const [key, path] of Object.entries({ stripPrefix, addPrefix, set }))
    if (typeof path === 'string' && canonical(path) === undefined)
      yield `${at}.${key}: '${path}' must be a canonical path`
  if (set?.split('/').some((segment) => segment.includes('*') && segment !== '*'))
    yield `${at}.set: '${set}' may have '*' only as a whole segment`
  if (regex !== undefined) yield* checkReplace(regex, `${at}.regex`)
}

function* checkReplace(
  { pattern, replacement }: NonNullable<RewriteConfig['regex']>,
  at: string
): Iterable<string> {
  const problem = checkRegExp(pattern)
  if (problem !== undefined) yield `${at}.pattern: '${pattern}' ${problem}`
  if (/[^!-~]|[?#\\]/.test(replacement))
    yield `${at}.replacement: '${replacement}' must not have spaces, '?', '#', '\\' or characters outside ASCII`
  if (!isRegExpSource(pattern)) return
  // With an empty alternative the pattern matches at once, and the match lists its groups.
  const { length, groups = {} } = new RegExp(`${pattern}|`).exec('') as RegExpExecArray
  for (const [text, number, name] of replacement.matchAll(REFERENCE))
    if (number === undefined ? name !== undefined && !(name in groups) : !(+number > 0 && +number < length))
      yield `${at}.replacement: '${text}' stands for no group of '${pattern}'`
}

/** Compiles what turns a checked rewrite round. `matchedPrefix` as for {@link compileRewrite}. */
export function compileUndo(config: RewriteConfig, matchedPrefix: string): ReadMapping {
  const { stripPrefix, addPrefix, set } = config
  return compileMapping(
    {
      ...config,
      ...(typeof stripPrefix === 'string' ? { stripPrefix: canonical(stripPrefix) as string } : {}),
      ...(addPrefix === undefined ? {} : { addPrefix: canonical(addPrefix) as string }),
      ...(set === undefined ? {} : { set: canonical(set) as string })
    },
    matchedPrefix
  )
}

/** Compiles a checked rewrite. `matchedPrefix` is what `stripPrefix: true` removes; `''` for nothing. */
export function compileRewrite(config: RewriteConfig, matchedPrefix: string): Rewrite {
  const { stripPrefix = false, addPrefix = '/', set, regex } = config
  if (set !== undefined) return compileSet(canonical(set) as string)
  if (regex !== undefined) {
    const pattern = new RegExp(regex.pattern)
    return (path) => withSlash(path.replace(pattern, regex.replacement))
  }
  const strip = compileStrip(stripPrefix, matchedPrefix)
  const front = withoutSlash(canonical(addPrefix) as string)
  return (path) => front + strip(path)
}

function compileStrip(prefix: string | boolean, matchedPrefix: string): (path: string) => string {
  if (typeof prefix === 'string') {
    const text = withoutSlash(canonical(prefix) as string)
    return (path) =>
      path === text || path.startsWith(`${text}/`) ? withSlash(path.slice(text.length)) : path
  }
  // Segments are counted rather than compared: they may be parameters, or be spelled in another case.
  const segments = prefix ? withoutSlash(matchedPrefix).split('/').length - 1 : 0
  return (path) => path.slice(firstSegments(path, segments).length) || '/'
}

function compileSet(set: string): Rewrite {
  const path = compileSegments(set)
  return (_path, params) => path(params)
}

function canonical(path: string): string | undefined {
  if (path.includes('?')) return undefined
  const read = readPath(path, AS_WRITTEN)
  return read.kind === 'clean' ? read.path : undefined
}

function withSlash(path: string): string {
  return path[0] === '/' ? path : `/${path}`
}
