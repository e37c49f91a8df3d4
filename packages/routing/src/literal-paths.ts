import { groupBy } from './group-by.js'
import type { Layer } from './layer.js'
import type { Probe } from './probe.js'
import type { Segments, Shape } from './shape.js'
import { firstTakes, type Variant } from './variant.js'

/** Exact paths without parameters: one look-up, however many there are. */
export class ExactPaths implements Layer {
  readonly #byPath: ReadonlyMap<string, readonly Variant[]>
  readonly #folded: boolean

  /** `folded`: paths are compared without regard to case. The variants are in order of precedence. */
  constructor(variants: readonly Variant[], folded: boolean) {
    this.#folded = folded
    this.#byPath = byText(variants, folded)
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
 * Prefixes without parameters: one look-up for each number of segments that any of them has, the longest first. How
 * many segments a path has makes no difference.
 */
export class PrefixPaths implements Layer {
  readonly #byPrefix: ReadonlyMap<string, readonly Variant[]>
  /** The numbers of segments, falling. */
  readonly #depths: readonly number[]
  readonly #folded: boolean

  /** `folded`: paths are compared without regard to case. The variants are in order of precedence. */
  constructor(variants: readonly Variant[], folded: boolean) {
    this.#folded = folded
    this.#byPrefix = byText(variants, folded)
    const depths = new Set(variants.map(({ shape }) => (shape as Shape).segments.length))
    this.#depths = [...depths].sort((a, b) => b - a)
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

function byText(variants: readonly Variant[], folded: boolean): ReadonlyMap<string, readonly Variant[]> {
  const places = variants.flatMap((variant) =>
    (variant.shape as Shape).spellings.map((segments) => ({ text: textOf(segments, folded), variant }))
  )
  const texts = groupBy(places, ({ text }) => text)
  return new Map([...texts].map(([text, here]) => [text, here.map(({ variant }) => variant)]))
}

function textOf(segments: Segments, folded: boolean): string {
  const text = segments.map((segment) => `/${segment}`).join('')
  return folded ? text.toLowerCase() : text
}
