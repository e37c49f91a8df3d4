import { checkRegExp } from '@gatewright/core'

/** A regular expression of nginx as one of a route or rewrite, or why there is none. */
export type TranslatedPattern = { readonly pattern: string } | { readonly problem: string }

/** For a route: it must begin at the begin of the path, so that what is meant to match in the middle says so. */
export function routePattern(source: string, ignoreCase: boolean): TranslatedPattern {
  const text = plain(source)
  return checked(text.startsWith('^') && !topLevelOr(text) ? text : `^.*${grouped(text)}`, ignoreCase)
}

/** For a rewrite: nginx replaces the whole path, so the pattern is made to match all of it. */
export function wholePattern(source: string): TranslatedPattern {
  const text = plain(source)
  const inner = topLevelOr(text) ? grouped(text) : text
  const begin = inner.startsWith('^') ? inner : `^.*?${inner}`
  const end = /(?:^|[^\\])(?:\\\\)*\$$/.test(begin)
    ? begin
    : /(?:^|[^\\])\.\*\)?$/.test(begin)
      ? begin
      : `${begin}.*$`
  return checked(end, false)
}

// PCRE's own spellings that JavaScript has another for.
function plain(source: string): string {
  return source
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\/', '/')
    .replace(/^\(\?i\)/, '')
    .replaceAll('\\z', '$')
}

function topLevelOr(source: string): boolean {
  let depth = 0
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === '(' || char === '[') depth++
    else if (char === ')' || char === ']') depth--
    else if (char === '|' && depth === 0) return true
  }
  return false
}

function grouped(source: string): string {
  return topLevelOr(source) ? `(?:${source})` : source
}

function checked(pattern: string, ignoreCase: boolean): TranslatedPattern {
  try {
    new RegExp(pattern)
  } catch {
    return { problem: 'it is no regular expression of JavaScript' }
  }
  const problem = checkRegExp(pattern, { ignoreCase })
  return problem === undefined ? { pattern } : { problem: `it ${problem}` }
}

/** A text that matches itself. */
export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
