/** The paths that a route takes, as far as it can be told without a request. */
export type PathPattern = {
  /** Whether upper and lower case are different paths. */
  readonly caseSensitive: boolean
} & (
  | { readonly kind: 'regex'; readonly source: string; readonly literal: string }
  | {
      readonly kind: 'exact' | 'prefix'
      /** A parameter is `null`. */
      readonly segments: readonly (string | null)[]
      /** Whether there is a slash at the end. */
      readonly slash: 'yes' | 'no' | 'either'
    }
)

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
    return { kind: 'regex', caseSensitive, source, literal: literalOf(source) }
  }
  const isPrefix = path.endsWith('/*')
  const plain = isPrefix ? path.slice(0, -2) : path.replace(/(?<=.)\/$/, '')
  return {
    kind: isPrefix ? 'prefix' : 'exact',
    caseSensitive,
    segments: plain
      .split('/')
      .slice(1)
      .map((segment) => (segment.startsWith(':') ? null : segment)),
    slash: isPrefix || trailingSlash === 'ignore' ? 'either' : plain === path ? 'no' : 'yes'
  }
}

/** Whether some path fits both; of an expression, whether that cannot be ruled out. */
export function overlaps(a: PathPattern, b: PathPattern): boolean {
  const isFolded = !a.caseSensitive || !b.caseSensitive
  if (a.kind === 'regex' || b.kind === 'regex') {
    const [one, other] = [folded(literalStart(a), isFolded), folded(literalStart(b), isFolded)]
    return one.startsWith(other) || other.startsWith(one)
  }
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a]
  if (short.kind === 'exact' && long.segments.length > short.segments.length) return false
  if (
    a.kind === 'exact' &&
    b.kind === 'exact' &&
    ![a.slash, b.slash].includes('either') &&
    a.slash !== b.slash
  )
    return false
  return short.segments.every((segment, index) => {
    const other = long.segments[index] as string | null
    return segment === null || other === null || folded(segment, isFolded) === folded(other, isFolded)
  })
}

/** Whether every path that fits `inner` fits `outer`; of an expression, whether that is certain. */
export function covers(outer: PathPattern, inner: PathPattern): boolean {
  if (outer.kind === 'regex')
    return (
      UNIVERSAL.test(outer.source) ||
      (inner.kind === 'regex' &&
        inner.source === outer.source &&
        (inner.caseSensitive || !outer.caseSensitive))
    )
  if (inner.kind === 'regex') {
    const start = `/${outer.segments.join('/')}/`
    return (
      outer.kind === 'prefix' &&
      outer.segments.every((segment) => segment !== null) &&
      (outer.segments.length === 0 || textCovers(outer, inner, start, inner.literal.slice(0, start.length)))
    )
  }
  const { length } = outer.segments
  if (outer.kind === 'exact') {
    if (inner.kind === 'prefix' || inner.segments.length !== length) return false
    if (outer.slash !== 'either' && outer.slash !== inner.slash) return false
  }
  if (inner.segments.length < length) return false
  return outer.segments.every((segment, index) => {
    const other = inner.segments[index] as string | null
    return segment === null || (other !== null && textCovers(outer, inner, segment, other))
  })
}

// Where the case of `inner` says nothing and that of `outer` does, letters come in spellings that only the one takes.
function textCovers(outer: PathPattern, inner: PathPattern, text: string, other: string): boolean {
  if (!outer.caseSensitive) return folded(text, true) === folded(other, true)
  return text === other && (inner.caseSensitive || text.toUpperCase() === text.toLowerCase())
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
  return known.map((segment) => `/${segment}`).join('') + (end !== -1 || pattern.slash === 'yes' ? '/' : '')
}

function folded(text: string, isFolded: boolean): string {
  return isFolded ? text.toLowerCase() : text
}
