import { groupBy } from './group-by.js'
import { PathTree } from './path-tree.js'
import { byPrecedence } from './precedence.js'
import type { Probe } from './probe.js'
import { firstTakes, type Variant } from './variant.js'

/** A part of a table that is searched as one. */
export interface Layer {
  /** Finds the best route, or collects methods, for the probe. */
  match(probe: Probe): boolean
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
    // A tree prefers fixed segments to length, so with parameters there must be one for each precedence.
    const parameters = (some: readonly Variant[]): boolean =>
      some.some(({ shape }) => shape?.mask.includes('1'))
    if (regex.length === 0 && !parameters(variants)) {
      yield new PathTree(variants, folded)
      return
    }
    if (exact.length > 0) yield new PathTree(exact, folded)
    yield* regexLayers(regex)
    if (!parameters(prefix)) {
      if (prefix.length > 0) yield new PathTree(prefix, folded)
    } else {
      for (const same of groupBy(prefix, ({ shape }) => shape?.segments.length).values())
        yield new PathTree(same, folded)
    }
  }
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
