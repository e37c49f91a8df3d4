/** The paths that a route takes, as far as it can be told without a request. */
export type PathPattern =
  | { readonly kind: 'regex'; readonly source: string; readonly literal: string }
  | {
      readonly kind: 'exact' | 'prefix'
      /** A parameter is `null`. */
      readonly segments: readonly (string | null)[]
    }

/** How paths are compared. */
export interface PathRules {
  /** Default true. */
  readonly caseSensitive?: boolean | undefined
  /** Default `strict`. */
  readonly trailingSlash?: 'strict' | 'ignore' | undefined
}

/** Reads the path of a route: `/a/b`, `/a/:id`, `/a/*`, `~^/v[0-9]+/`. */
export function readPath(
  path: string,
  { caseSensitive = true, trailingSlash = 'strict' }: PathRules = {}
): PathPattern {
  if (path.startsWith('~')) {
    const source = path.slice(1)
    return { kind: 'regex', source, literal: folded(literalOf(source), caseSensitive) }
  }
  const isPrefix = path.endsWith('/*')
  const plain = isPrefix
    ? path.slice(0, -2)
    : trailingSlash === 'ignore'
      ? path.replace(/(?<=.)\/$/, '')
      : path
  const segments = plain.split('/').slice(1)
  return {
    kind: isPrefix ? 'prefix' : 'exact',
    segments: segments.map((segment) => (segment.startsWith(':') ? null : folded(segment, caseSensitive)))
  }
}

/** Whether some path fits both; of an expression, whether that cannot be ruled out. */
export function overlaps(a: PathPattern, b: PathPattern): boolean {
  if (a.kind === 'regex' || b.kind === 'regex') {
    const [one, other] = [literalStart(a), literalStart(b)]
    return one.startsWith(other) || other.startsWith(one)
  }
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a]
  if (short.kind === 'exact' && long.segments.length > short.segments.length) return false
  return short.segments.every((segment, index) => {
    const other = long.segments[index]
    return segment === null || other === null || segment === other
  })
}

/** Whether every path that fits `inner` fits `outer`; of an expression, whether that is certain. */
export function covers(outer: PathPattern, inner: PathPattern): boolean {
  if (outer.kind === 'regex')
    return UNIVERSAL.test(outer.source) || (inner.kind === 'regex' && inner.source === outer.source)
  if (inner.kind === 'regex')
    return (
      outer.kind === 'prefix' &&
      outer.segments.every((segment) => segment !== null) &&
      (outer.segments.length === 0 || inner.literal.startsWith(`/${outer.segments.join('/')}/`))
    )
  const { length } = outer.segments
  if (outer.kind === 'exact' && (inner.kind === 'prefix' || inner.segments.length !== length)) return false
  if (inner.segments.length < length) return false
  return outer.segments.every((segment, index) => segment === null || segment === inner.segments[index])
}

const UNIVERSAL = /^\^?\/?(?:\.\*\$?)?$/

// `/api/v` of `^/api/v[0-9]+/`; `''` for one that is not anchored.
function literalOf(source: string): string {
  if (!source.startsWith('^') || source.includes('|')) return ''
  const [, plain = ''] = /^\^((?:[\w/~%-]|\\[./-])*)/.exec(source) ?? []
  const rest = source.slice(plain.length + 1)
  // The last character may be there any number of times.
  return (/^[?*{]/.test(rest) ? plain.slice(0, -1) : plain).replaceAll('\\', '')
}

function literalStart(pattern: PathPattern): string {
  if (pattern.kind === 'regex') return pattern.literal
  const end = pattern.segments.indexOf(null)
  const known = end === -1 ? pattern.segments : pattern.segments.slice(0, end)
  return known.map((segment) => `/${segment}`).join('') + (end === -1 ? '' : '/')
}

function folded(text: string, caseSensitive: boolean): string {
  return caseSensitive ? text : text.toLowerCase()
}
