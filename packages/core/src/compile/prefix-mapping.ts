import type { RewriteConfig } from '../config/config.js'
import type { Params, PrefixMapping, ReadMapping } from '../model/route.js'
import { compileSegments, firstSegments, withoutSlash } from './rewrite-pieces.js'

const SAME: PrefixMapping = { upstream: '', client: '' }

/**
 * What turns a rewrite round: for a request, which prefix of the upstream's paths stands for which of the client's. `null`
 * where a rewrite is no exchange of prefixes. `matchedPrefix` as for `compileRewrite`; both are checked and canonical.
 */
export function compileMapping(config: RewriteConfig, matchedPrefix: string): ReadMapping {
  const { stripPrefix = false, addPrefix = '/', set, regex } = config
  const matched = segmentsIn(matchedPrefix)
  if (set !== undefined) return ofSet(set, matched)
  if (regex !== undefined) return ofRegex(regex)
  const upstream = withoutSlash(addPrefix)
  if (typeof stripPrefix === 'boolean') {
    const segments = stripPrefix ? matched : 0
    return (path) => ({ upstream, client: firstSegments(path, segments) })
  }
  const text = withoutSlash(stripPrefix)
  return (path) => ({ upstream, client: isBelow(path, text) ? text : '' })
}

// Only a wildcard at the end takes a whole tail of paths along.
function ofSet(set: string, matched: number): ReadMapping {
  if (!set.endsWith('/*') || set.slice(0, -2).includes('*')) return () => null
  const front = compileSegments(set.slice(0, -2))
  return (path: string, params: Params | null) => ({
    upstream: front(params),
    client: firstSegments(path, matched)
  })
}

// `^/api` or `^/api/(.*)$`, which is literal but for its tail.
const LITERAL = /^\^((?:[\w/~-]|\\[./-])+)(\(\.\*\)\$?)?$/

function ofRegex({ pattern, replacement }: NonNullable<RewriteConfig['regex']>): ReadMapping {
  const [, source, tail] = LITERAL.exec(pattern) ?? []
  if (source === undefined) return () => null
  const from = source.replaceAll('\\', '')
  const to = tail === undefined ? replacement : replacement.replace(/\$1$/, '')
  if (to.includes('$') || (tail !== undefined && to === replacement)) return () => null
  if (from.endsWith('/') !== to.endsWith('/')) return () => null
  const mapping = { upstream: withoutSlash(to), client: withoutSlash(from) }
  return (path) => (path.startsWith(from) ? mapping : SAME)
}

function segmentsIn(prefix: string): number {
  return withoutSlash(prefix).split('/').length - 1
}

/** Whether a path is a prefix or below it, by whole segments. */
function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 47)
}
