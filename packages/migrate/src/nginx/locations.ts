import type { Directive } from './directives.js'
import type { Scope } from './scope.js'

/** A location, with those around it flattened. */
export interface Location {
  readonly directive: Directive
  readonly modifier: string
  readonly path: string
  readonly scope: Scope
  /** The prefix of the location around it. */
  readonly outer: string
}

/** The locations of a scope, those within others in front of them. */
export function locationsIn(scope: Scope, outer: string): readonly Location[] {
  return scope.own('location').flatMap((inner) => {
    const [first = '', second] = inner.args
    const [modifier, path] =
      second !== undefined ? [first, second] : first.startsWith('@') ? ['@', first] : split(first)
    const within = scope.within(inner.block ?? [])
    const location = { directive: inner, modifier, path, scope: within, outer }
    // Those within it are asked before it.
    const nested = locationsIn(within, modifier.startsWith('~') ? outer : path)
    return [...nested, location]
  })
}

// `location ~\.php$`, without a space.
function split(text: string): readonly [string, string] {
  const [, modifier = '', path = ''] = /^(=|\^~|~\*|~)?(.*)$/.exec(text) ?? []
  return [modifier, path]
}

/** In the order of routes: of expressions the first one that matches counts, so those that stand for `^~` come first. */
export function inOrder(locations: readonly Location[], hasRegex: boolean): readonly Location[] {
  const first = locations
    .filter((location) => hasRegex && isEarly(location, locations))
    .sort((a, b) => b.path.length - a.path.length)
  return [...first, ...locations.filter((location) => !first.includes(location))]
}

/** Whether a prefix stands among expressions: `^~`, and prefixes below one, which it would take else. */
export function isEarly({ modifier, path }: Location, all: readonly Location[]): boolean {
  if (modifier === '^~') return true
  return (
    modifier === '' &&
    all.some((other) => other.modifier === '^~' && path !== other.path && path.startsWith(other.path))
  )
}
