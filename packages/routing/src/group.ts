import type { InSteps } from '@gatewright/core'
import { groupBy } from './group-by.js'
import type { Layer } from './layer.js'
import { exactPaths, prefixPaths } from './literal-paths.js'
import { pathTree } from './path-tree.js'
import { byPrecedence } from './precedence.js'
import type { Probe } from './probe.js'
import { firstTakes, type Variant } from './variant.js'

/** Groups the routes of a host. */
export function* groupOf(host: string, variants: readonly Variant[]): InSteps<Group> {
  const sorted = byPrecedence(variants)
  const folded = variants.some(({ match }) => !match.caseSensitive)
  return new Group(host, sorted, folded, yield* layersOf(sorted, folded))
}

/** All routes of one host, of one wildcard, or of any host. */
export class Group implements Layer {
  /** The host as the configuration writes it; `''` for any. */
  readonly host: string
  /** In order of precedence. */
  readonly variants: readonly Variant[]
  /** Whether paths must be compared without regard to case, as one of the routes wants. */
  readonly folded: boolean
  /** Searched when no route of this group takes the request: the next less specific host. */
  next: Group | null = null
  readonly #layers: readonly Layer[]

  constructor(host: string, variants: readonly Variant[], folded: boolean, layers: readonly Layer[]) {
    this.host = host
    this.variants = variants
    this.folded = folded
    this.#layers = layers
  }

  match(probe: Probe): boolean {
    for (const layer of this.#layers) if (layer.match(probe)) return true
    return false
  }
}

function* layersOf(variants: readonly Variant[], folded: boolean): InSteps<Layer[]> {
  const kinds = groupBy(variants, ({ match }) => match.path.kind)
  const { exact = [], regex = [], prefix = [] } = Object.fromEntries(kinds)
  const layers = [...(yield* pathLayers(exact, folded)), ...regexLayers(regex)]
  if (prefix.every(isLiteral)) return [...layers, ...(yield* pathLayers(prefix, folded))]
  // A tree prefers fixed segments to length, so with parameters there must be one for each length.
  for (const same of groupBy(prefix, ({ shape }) => shape?.segments.length).values())
    layers.push(...(yield* pathLayers(same, folded)))
  return layers
}

/** Paths of one kind, and with parameters of one length if they are prefixes: fixed ones go before parameters. */
function* pathLayers(variants: readonly Variant[], folded: boolean): InSteps<Layer[]> {
  const layers: Layer[] = []
  const literal = variants.filter(isLiteral)
  const others = variants.filter((variant) => !isLiteral(variant))
  if (literal.length > 0)
    layers.push(
      literal[0]?.shape?.kind === 'exact'
        ? yield* exactPaths(literal, folded)
        : yield* prefixPaths(literal, folded)
    )
  if (others.length > 0) layers.push(yield* pathTree(others, folded))
  return layers
}

function isLiteral({ shape }: Variant): boolean {
  return shape !== null && !shape.mask.includes('1')
}

function* regexLayers(variants: readonly Variant[]): Iterable<Layer> {
  for (const same of groupBy(variants, ({ regex }) => String(regex)).values()) {
    const regex = same[0]?.regex as RegExp
    yield {
      match: (probe) => {
        probe.folded = false
        return regex.test(probe.request.path) && firstTakes(same, probe)
      }
    }
  }
}
