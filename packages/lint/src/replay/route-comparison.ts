import { type Change, type PlacedChange, RISKS, type Risk } from '../diff/change.js'
import { poolChanges } from '../diff/pool-changes.js'
import { MATCH_KEYS } from '../diff/risk-match.js'
import { routeChanges } from '../diff/route-changes.js'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { Decision } from './decision.js'

/** What differs between the routes and pools that two decisions name. */
export class RouteComparison {
  readonly #from: ConfigView
  readonly #to: ConfigView
  readonly #olds: ReadonlyMap<string, RouteView>
  readonly #news: ReadonlyMap<string, RouteView>

  constructor(from: ConfigView, to: ConfigView) {
    this.#from = from
    this.#to = to
    this.#olds = byId(from)
    this.#news = byId(to)
  }

  /** `null` where nothing does. `isMoved`: whether the target that the upstream gets is another one. */
  compare(
    old: Decision,
    next: Decision,
    isMoved: boolean
  ): { readonly risk: Risk; readonly changes: readonly Change[] } | null {
    const changes = this.#changes(old, next)
    const risks = changes.map(({ risk }) => risk)
    if (old.route === null && next.route !== null) risks.push('match-widened')
    if (old.route !== null && next.route === null) risks.push('match-narrowed')
    if (isMoved || (old.route !== null && next.route !== null && isOtherAnswer(old, next)))
      risks.push('upstream-changed')
    if (risks.length === 0 && (old.route !== next.route || old.status !== next.status)) risks.push('changed')
    const [risk] = risks.sort((a, b) => RISKS.indexOf(a) - RISKS.indexOf(b))
    return risk === undefined ? null : { risk, changes }
  }

  #changes(old: Decision, next: Decision): Change[] {
    const before = this.#olds.get(old.route ?? '')
    const after = this.#news.get(next.route ?? '')
    if (before === undefined || after === undefined) return []
    const found: PlacedChange[] = [...routeChanges({ before, after }, this.#from, this.#to)]
    if (old.pool !== null && old.pool === next.pool)
      found.push(...poolChanges(old.pool, this.#from, this.#to))
    return found
      .map(({ change }) => change)
      .filter(({ route, path }) => route === undefined || !NAMING.has(path.slice(after.path.length)))
      .sort((a, b) => RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk))
  }
}

/** What says which requests a route takes: for one of them it is no difference. */
const NAMING: ReadonlySet<string> = new Set(['id', ...MATCH_KEYS].map((key) => `.${key}`))

function byId({ routes }: ConfigView): ReadonlyMap<string, RouteView> {
  return new Map(routes.map((route) => [route.id, route]))
}

function isOtherAnswer(old: Decision, next: Decision): boolean {
  return old.action !== next.action || old.pool !== next.pool
}

/** The riskiest first, then those with the most requests. */
export function worstFirst(a: Weighed, b: Weighed): number {
  return RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk) || b.requests - a.requests
}

interface Weighed {
  readonly risk: Risk
  readonly requests: number
}
