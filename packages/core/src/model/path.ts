/** What to do with a request path that is not in canonical form. */
export type PathPolicy = 'reject' | 'redirect' | 'normalize'

/** How request paths are read. */
export interface PathSettings {
  /** Default `reject`. */
  readonly policy: PathPolicy
  /** `reject` (default): an encoded slash or backslash is not canonical. `keep`: it is part of its segment. */
  readonly encodedSlashes: 'reject' | 'keep'
  /** `reject` (default): an empty segment is not canonical. `keep`: forwarded as it is. */
  readonly duplicateSlashes: 'reject' | 'keep'
}

/** The defaults: reject everything that two parsers could read differently. */
export const STRICT_PATHS: PathSettings = {
  policy: 'reject',
  encodedSlashes: 'reject',
  duplicateSlashes: 'reject'
}

/**
 * A request path, read. `clean`: canonical already, or made so by equivalences that cannot change its meaning
 * (RFC 3986, section 6.2.2). `changed`: `path` is its canonical form, but another parser might read the
 * original differently. `invalid`: there is no canonical form.
 */
export type ReadPath =
  | { readonly kind: 'clean' | 'changed'; readonly path: string }
  | { readonly kind: 'invalid'; readonly rule: string }

// Segments of plain characters that do not begin with a dot: nothing to decide. Linear time: no two
// alternatives share a first character.
const PLAIN =
  /^\/(?:[\w~!$&'()*+,;=:@|-][\w~!$&'()*+,;=:@|.-]*(?:\/[\w~!$&'()*+,;=:@|-][\w~!$&'()*+,;=:@|.-]*)*\/?)?$/
const ESCAPE = /%[0-9A-Fa-f]{2}/g
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/
const UNRESERVED = /[\w~.-]/
const HIDDEN_ESCAPE = /%(?:25)+(?:2[eEfF]|5[cC]|00)/
const HIDDEN_DOT = /%(?:25)+(?:2[eE]|00)/
const BEYOND_BYTES = /[^\x00-\xff]/
const OUTSIDE_ASCII = /[^\x21-\x7e]/
const ENCODED_BEYOND_ASCII = /%[89A-F]/
// Its parameters, even when encoded, do not save a segment from being a dot segment.
const DOT_SEGMENT = /^\.(\.?)(?:;|%(?:25)*3[Bb]|$)/
const CONTROL = /[\x00-\x20\x7f]|%(?:[01][0-9A-Fa-f]|7[fF])/

/** Whether a path needs no reading at all: the response for nearly every request. */
export function isPlainPath(path: string): boolean {
  return PLAIN.test(path)
}

/** Reads the path of a request target (no query). Pure; never throws. */
export function readPath(raw: string, settings: PathSettings = STRICT_PATHS): ReadPath {
  if (PLAIN.test(raw)) return { kind: 'clean', path: raw }
  if (raw[0] !== '/') return invalid('must begin with a slash')
  if (BEYOND_BYTES.test(raw)) return invalid('must consist of bytes')
  if (raw.includes('#')) return invalid('must not have a fragment')
  if (CONTROL.test(raw)) return invalid('must not have control characters or spaces')
  if (BAD_ESCAPE.test(raw)) return invalid("must have two hexadecimal digits after every '%'")

  let path = raw.replace(ESCAPE, equivalent)
  const keepSlashes = settings.encodedSlashes === 'keep'
  if ((keepSlashes ? HIDDEN_DOT : HIDDEN_ESCAPE).test(path))
    return invalid('must not hide an encoded slash or dot in a second encoding')

  const before = path
  if (OUTSIDE_ASCII.test(path)) path = path.replace(/[^\x21-\x7e]/g, (c) => escapeByte(c.charCodeAt(0)))
  if (ENCODED_BEYOND_ASCII.test(path) && !isUtf8(path)) return invalid('must be UTF-8')
  path = path.replaceAll('\\', '/')
  if (!keepSlashes) path = path.replace(/%(?:2F|5C)/g, '/')
  if (settings.duplicateSlashes !== 'keep') path = path.replace(/\/{2,}/g, '/')
  path = withoutDotSegments(path)
  return { kind: path === before ? 'clean' : 'changed', path }
}

function invalid(rule: string): ReadPath {
  return { kind: 'invalid', rule }
}

// RFC 3986, 6.2.2.1 and 6.2.2.2: the case of hexadecimal digits, and unreserved characters that were encoded.
function equivalent(escaped: string): string {
  const char = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return UNRESERVED.test(char) ? char : escaped.toUpperCase()
}

function escapeByte(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`
}

// Overlong encodings too are refused by this: a lenient upstream would take `%C0%AE` for a dot.
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

// RFC 3986, section 5.2.4.
function withoutDotSegments(path: string): string {
  if (!path.includes('/.')) return path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  segments.forEach((segment, index) => {
    const dots = DOT_SEGMENT.exec(segment)
    if (dots === null) kept.push(segment)
    else {
      if (dots[1] === '.') kept.pop()
      if (index === segments.length - 1) kept.push('')
    }
  })
  return `/${kept.join('/')}`
}
