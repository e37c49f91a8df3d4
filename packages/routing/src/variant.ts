import { METHODS } from 'node:http'
import type { Route, RouteFound, RouteMatch } from '@gatewright/core'
import { type Condition, compileConditions } from './conditions.js'
import type { Probe } from './probe.js'
import { decode, readParams, type Shape } from './shape.js'

/** What a route without a list of methods takes. */
const ALL_BUT_TWO: readonly string[] = METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE')

/** A route of the table, compiled: one of several, perhaps, at the same path. */
export class Variant {
  readonly route: Route
  readonly match: RouteMatch
  /** Its place in the configuration. */
  readonly index: number
  /** `null` for a regular expression. */
  readonly shape: Shape | null
  /** `null` for an exact or prefix path. */
  readonly regex: RegExp | null
  readonly methods: ReadonlySet<string> | null
  readonly conditions: readonly Condition[]
  /** Equal for routes with the same conditions. */
  readonly conditionsKey: string
  readonly #constant: RouteFound
  readonly #readsRest: boolean
  readonly #readsParams: boolean

  constructor(route: Route, match: RouteMatch, index: number, shape: Shape | null) {
    this.route = route
    this.match = match
    this.index = index
    this.shape = shape
    this.regex = shape === null ? new RegExp(match.path.value, match.caseSensitive ? 's' : 'is') : null
    this.methods = match.methods === null ? null : new Set(match.methods)
    this.conditions = compileConditions(match)
    this.conditionsKey = this.conditions
      .map(({ key }) => key)
      .sort()
      .join()
    this.#constant = Object.freeze({ route, params: null })
    this.#readsParams = shape?.mask.includes('1') ?? false
    this.#readsRest = shape?.kind === 'prefix' && !this.#readsParams
  }

  /** The problem's name for it. */
  get name(): string {
    return `${this.route.source} '${this.route.id}'`
  }

  /** The methods it takes. */
  get allowed(): Iterable<string> {
    return this.methods ?? ALL_BUT_TWO
  }

  accepts(method: string): boolean {
    return this.methods === null ? method !== 'TRACE' && method !== 'CONNECT' : this.methods.has(method)
  }

  /** Takes the request whose path has led here, or leaves it to the next one. */
  takes(probe: Probe): boolean {
    const { request, methods } = probe
    if (methods === null && !this.accepts(request.method)) return false
    for (const condition of this.conditions) if (!condition.holds(request)) return false
    const found = this.#found(request.path, probe.folded)
    if (found === null) return false
    if (methods === null) {
      probe.found = found
      return true
    }
    for (const method of this.allowed) methods.add(method)
    return false
  }

  #found(path: string, folded: boolean): RouteFound | null {
    const exactCase = folded && this.match.caseSensitive
    const { shape, route } = this
    if (shape === null) return this.#constant
    if (!this.#readsParams && !exactCase) {
      if (!this.#readsRest) return this.#constant
      return { route, params: { '*': decode(path.slice(shape.length + 1)) } }
    }
    const params = readParams(shape, path, exactCase)
    return params === null ? null : { route, params }
  }
}

/** The first of several variants, best first, that takes the request. */
export function firstTakes(variants: readonly Variant[], probe: Probe): boolean {
  for (const variant of variants) if (variant.takes(probe)) return true
  return false
}
