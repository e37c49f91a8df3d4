import { type Params, type RouteMatch, readPath } from '@gatewright/core'

/** The segments of a path, in their canonical spelling; `null` where a parameter stands. */
export type Segments = readonly (string | null)[]

/** The path of an exact or prefix route, taken apart. */
export interface Shape {
  readonly kind: 'exact' | 'prefix'
  readonly segments: Segments
  /** The same, with the other spelling of a trailing slash where that does not matter. */
  readonly spellings: readonly Segments[]
  /** Name of the parameter per segment; `null` for a fixed one. */
  readonly names: readonly (string | null)[]
  /** `0` per fixed segment and `1` per parameter, a trailing slash apart: sorts fixed ones first. */
  readonly mask: string
  /** Length of the path in its canonical spelling. Means nothing when there are parameters. */
  readonly length: number
}

const PLAIN = /^[\w-][\w.-]*$/
const NAME = /^:([A-Za-z_]\w*)$/

/** Parses the path of a route, or returns its problem. */
export function readShape(
  { kind, value }: RouteMatch['path'],
  trailingSlash: 'strict' | 'ignore'
): Shape | string {
  const segments: (string | null)[] = []
  const names: (string | null)[] = []
  for (const text of value === '' ? [] : value.split('/').slice(1)) {
    if (text.startsWith(':')) {
      const name = NAME.exec(text)?.[1]
      if (name === undefined || name === '__proto__')
        return `'${text}' must be one parameter, ':' and a name, and the whole segment`
      if (names.includes(name)) return `':${name}' is there twice`
      names.push(name)
      segments.push(null)
    } else {
      const segment = canonicalSegment(text)
      if (segment === undefined) return `'${text}' has no canonical form`
      names.push(null)
      segments.push(segment)
    }
  }
  return {
    kind: kind === 'prefix' ? 'prefix' : 'exact',
    segments,
    spellings: trailingSlash === 'ignore' && kind === 'exact' ? bothSpellings(segments) : [segments],
    names,
    mask: (segments.at(-1) === '' ? segments.slice(0, -1) : segments)
      .map((segment) => (segment === null ? '1' : '0'))
      .join(''),
    length: segments.reduce((sum, segment) => sum + 1 + (segment?.length ?? 0), 0)
  }
}

// Characters outside ASCII are UTF-8 on the wire. An encoded slash is part of its segment.
function canonicalSegment(text: string): string | undefined {
  if (PLAIN.test(text)) return text
  if (/[?*\p{Cs}]/u.test(text)) return undefined
  const wire = text.replace(/[^!-~]+/g, encodeURIComponent)
  const read = readPath(`/${wire}`, { policy: 'reject', encodedSlashes: 'keep', duplicateSlashes: 'keep' })
  return read.kind === 'clean' ? read.path.slice(1) : undefined
}

function bothSpellings(segments: Segments): readonly Segments[] {
  if (segments.length === 1 && segments[0] === '') return [segments]
  return [segments, segments.at(-1) === '' ? segments.slice(0, -1) : [...segments, '']]
}

/**
 * The parameters of a canonical path whose segments have been compared already, or `null` when one is empty.
 * `exactCase`: fixed segments have been compared without regard to case; also `null` when one differs.
 */
export function readParams(
  { kind, segments, names }: Shape,
  path: string,
  exactCase: boolean
): Params | null {
  const params: Record<string, string> = {}
  let start = 1
  for (let index = 0; index < names.length; index++) {
    const slash = path.indexOf('/', start)
    const end = slash === -1 ? path.length : slash
    const name = names[index] as string | null
    if (name !== null) {
      if (start === end) return null
      params[name] = decode(path.slice(start, end))
    } else if (exactCase && path.slice(start, end) !== segments[index]) return null
    start = end + 1
  }
  if (kind === 'prefix') params['*'] = decode(path.slice(start))
  return params
}

/** A canonical path's text as the client meant it. Canonical paths are valid UTF-8. */
export function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}
