import { groupBy } from './group-by.js'
import type { Layer } from './layer.js'
import { ExactPaths, PrefixPaths } from './literal-paths.js'
import { PathTree } from './path-tree.js'
import { byPrecedence } from './precedence.js'
import type { Probe } from './probe.js'
import { firstTakes, type Variant } from './variant.js'

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

  constructor(host: string, variants: readonly Variant[]) {
    this.host = host
    this.variants = byPrecedence(variants)
    this.folded = variants.some(({ match }) => !match.caseSensitive)
    this.#layers = [...this.#createLayers()]
  }

  match(probe: Probe): boolean {
    for (const layer of this.#layers) if (layer.match(probe)) return true
    return false
  }

  *#createLayers(): Iterable<Layer> {
    const { variants, folded } = this
    const kinds = groupBy(variants, ({ match }) => match.path.kind)
    const { exact = [], regex = [], prefix = [] } = Object.fromEntries(kinds)
    yield* pathLayers(exact, folded)
    yield* regexLayers(regex)
    if (prefix.every(isLiteral)) yield* pathLayers(prefix, folded)
    // A tree prefers fixed segments to length, so with parameters there must be one for each length.
    else
      for (const same of groupBy(prefix, ({ shape }) => shape?.segments.length).values())
        yield* pathLayers(same, folded)
  }
}

/** Paths of one kind, and with parameters of one length if they are prefixes: fixed ones go before parameters. */
function* pathLayers(variants: readonly Variant[], folded: boolean): Iterable<Layer> {
  const literal = variants.filter(isLiteral)
  const others = variants.filter((variant) => !isLiteral(variant))
  if (literal.length > 0)
    yield literal[0]?.shape?.kind === 'exact'
      ? new ExactPaths(literal, folded)
      : new PrefixPaths(literal, folded)
  if (others.length > 0) yield new PathTree(others, folded)
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
