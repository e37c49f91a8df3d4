import type { InSteps } from '@gatewright/core'
import FindMyWay from 'find-my-way'
import { addTo } from './group-by.js'
import type { Layer } from './layer.js'
import { Probe } from './probe.js'
import type { Segments, Shape } from './shape.js'
import { firstTakes, type Variant } from './variant.js'

/** The variants at one path of the tree, best first. */
type Leaf = readonly Variant[]

/** Exact and prefix paths with parameters. `folded`: they are compared without regard to case. The variants are in order of precedence. */
export function* pathTree(variants: readonly Variant[], folded: boolean): InSteps<PathTree> {
  const leaves = new Map<string, Variant[]>()
  for (const variant of variants) {
    for (const pattern of patterns(variant.shape as Shape, folded)) addTo(leaves, pattern, variant)
    yield
  }
  const tree = new PathTree(folded)
  for (const [pattern, leaf] of leaves) {
    tree.add(pattern, leaf)
    yield
  }
  return tree
}

/**
 * Exact and prefix paths with parameters in a `find-my-way` tree. The variants at a path are a constraint of it: when none of them
 * takes the request, find-my-way goes on to the next best path by itself. Its order is fixed segments before
 * parameters, from the left, and longer prefixes before shorter ones.
 */
class PathTree implements Layer {
  readonly #router = FindMyWay({
    constraints: { probe: VARIANTS },
    maxParamLength: Number.MAX_SAFE_INTEGER,
    querystringParser: () => NO_QUERY
  })
  readonly #folded: boolean

  constructor(folded: boolean) {
    this.#folded = folded
  }

  add(pattern: string, leaf: Leaf): void {
    this.#router.on('GET', pattern, { constraints: { probe: leaf } }, unused)
  }

  match(probe: Probe): boolean {
    probe.folded = this.#folded
    return this.#router.find('GET', opaque(probe.request.path, this.#folded), probe as never) !== null
  }
}

const NO_QUERY = {}

function unused(): void {}

const VARIANTS = {
  name: 'probe',
  storage: createStore,
  validate: unused,
  deriveConstraint: unused
} as unknown as FindMyWay.ConstraintStrategy<FindMyWay.HTTPVersion.V1>

// Where find-my-way keeps the handlers of one path by the value of the constraint: here one leaf with all variants.
function createStore(): { get(value: unknown): number; set(value: Leaf, handlers: number): void } {
  let leaf: Leaf = []
  let handlers = 0
  return {
    // Asked with the leaf itself while the tree is built.
    get: (value) => (value instanceof Probe && firstTakes(leaf, value) ? handlers : 0),
    set(value, bits) {
      leaf = value
      handlers = bits
    }
  }
}

/** The patterns of a path in the tree. Paths that have one in common stand at one place. */
export function patterns({ kind, spellings }: Shape, folded: boolean): readonly string[] {
  return spellings.flatMap((segments) => {
    const base = pattern(segments, folded)
    if (kind === 'exact') return [base]
    return base === '' ? ['/*'] : [base, `${base}/*`]
  })
}

function pattern(segments: Segments, folded: boolean): string {
  return segments
    .map((segment) => (segment === null ? '/:p' : `/${opaque(segment, folded).replaceAll(':', '::')}`))
    .join('')
}

// find-my-way decodes `%`; with a character in its place that no request target can have, bytes are just bytes.
function opaque(path: string, folded: boolean): string {
  const bytes = path.includes('%') ? path.replaceAll('%', '\0') : path
  return folded ? bytes.toLowerCase() : bytes
}
