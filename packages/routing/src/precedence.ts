import type { Variant } from './variant.js'

const KINDS = { exact: 0, regex: 1, prefix: 2 }

/**
 * The routes of one host, best first: exact paths, regular expressions in the order of the configuration, then
 * prefixes, those with more segments first. Fixed segments go before parameters, from the left. At one path: more
 * conditions, then the higher priority, then the order of the configuration. Equal expressions are one path, at the
 * place of the first.
 */
export function byPrecedence(variants: readonly Variant[]): readonly Variant[] {
  const places = new Map<string, number>()
  for (const { regex, index } of variants) {
    const source = String(regex)
    places.set(source, Math.min(places.get(source) ?? index, index))
  }
  const placeOf = ({ regex }: Variant): number => places.get(String(regex)) as number
  return variants.toSorted(
    (a, b) =>
      KINDS[a.match.path.kind] - KINDS[b.match.path.kind] ||
      (a.shape === null || b.shape === null ? placeOf(a) - placeOf(b) : compareShapes(a.shape, b.shape)) ||
      b.conditions.length - a.conditions.length ||
      b.match.priority - a.match.priority ||
      a.index - b.index
  )
}

function compareShapes(a: NonNullable<Variant['shape']>, b: NonNullable<Variant['shape']>): number {
  const longer = a.kind === 'prefix' ? b.segments.length - a.segments.length : 0
  if (longer !== 0 || a.mask === b.mask) return longer
  return a.mask < b.mask ? -1 : 1
}
