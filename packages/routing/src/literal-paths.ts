import type { InSteps } from '@gatewright/core'
import { addTo } from './group-by.js'
import type { Layer } from './layer.js'
import type { Probe } from './probe.js'
import type { Segments, Shape } from './shape.js'
import { firstTakes, type Variant } from './variant.js'

type ByText = ReadonlyMap<string, readonly Variant[]>

/** Exact paths without parameters. `folded`: they are compared without regard to case. The variants are in order of precedence. */
export function* exactPaths(variants: readonly Variant[], folded: boolean): InSteps<ExactPaths> {
  return new ExactPaths(yield* byText(variants, folded), folded)
}

/** Prefixes without parameters. `folded`: they are compared without regard to case. The variants are in order of precedence. */
export function* prefixPaths(variants: readonly Variant[], folded: boolean): InSteps<PrefixPaths> {
  const byPrefix = yield* byText(variants, folded)
  const depths = new Set(variants.map(({ shape }) => (shape as Shape).segments.length))
  return new PrefixPaths(
    byPrefix,
    [...depths].sort((a, b) => b - a),
    folded
  )
}

/** One look-up, however many there are. */
class ExactPaths implements Layer {
  readonly #byPath: ByText
  readonly #folded: boolean

  constructor(byPath: ByText, folded: boolean) {
    this.#byPath = byPath
    this.#folded = folded
  }

  match(probe: Probe): boolean {
    const { path } = probe.request
    const here = this.#byPath.get(this.#folded ? path.toLowerCase() : path)
    if (here === undefined) return false
    probe.folded = this.#folded
    return firstTakes(here, probe)
  }
}

/**
 * One look-up for each number of segments that any of them has, the longest first. How many segments a path has makes no
 * difference.
 */
class PrefixPaths implements Layer {
  readonly #byPrefix: ByText
  /** The numbers of segments, falling. */
  readonly #depths: readonly number[]
  readonly #folded: boolean

  constructor(byPrefix: ByText, depths: readonly number[], folded: boolean) {
    this.#byPrefix = byPrefix
    this.#depths = depths
    this.#folded = folded
  }

  match(probe: Probe): boolean {
    const { path } = probe.request
    const text = this.#folded ? path.toLowerCase() : path
    for (const depth of this.#depths) {
      const end = endOf(text, depth)
      const here = end === -1 ? undefined : this.#byPrefix.get(text.slice(0, end))
      if (here === undefined) continue
      probe.folded = this.#folded
      if (firstTakes(here, probe)) return true
    }
    return false
  }
}

/** Where the first `depth` segments of a path end; -1 when it has fewer. */
function endOf(path: string, depth: number): number {
  let end = 0
  for (let segment = 0; segment < depth; segment++) {
    if (end === path.length) return -1
    const slash = path.indexOf('/', end + 1)
    end = slash === -1 ? path.length : slash
  }
  return end
}

function* byText(variants: readonly Variant[], folded: boolean): InSteps<ByText> {
  const texts = new Map<string, Variant[]>()
  for (const variant of variants) {
    for (const segments of (variant.shape as Shape).spellings) addTo(texts, textOf(segments, folded), variant)
    yield
  }
  return texts
}

function textOf(segments: Segments, folded: boolean): string {
  const text = segments.map((segment) => `/${segment}`).join('')
  return folded ? text.toLowerCase() : text
}
