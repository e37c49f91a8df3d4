import type { Draft } from '../draft.js'
import type { Directive } from './directives.js'

/** What is known of the whole configuration while its servers are translated. */
export interface Context {
  readonly draft: Draft
  readonly used: Set<Directive>
  /** `upstream` blocks by name. */
  readonly upstreams: ReadonlyMap<string, Directive>
  /** `limit_req_zone` and `limit_conn_zone` by the name of the zone. */
  readonly zones: ReadonlyMap<string, Directive>
  /** `map` blocks by the name of their variable. */
  readonly maps: ReadonlyMap<string, Directive>
  /** Limits that were translated, by their name: routes that share one must agree on it. */
  readonly limits: Map<string, string>
}

/** Collects what servers refer to. `directives` are those of `http`. */
export function contextOf(directives: readonly Directive[], draft: Draft, used: Set<Directive>): Context {
  const named = (name: string, at: number): ReadonlyMap<string, Directive> =>
    new Map(
      directives
        .filter((directive) => directive.name === name)
        .map((directive) => [(directive.args[at] ?? '').replace(/^\$/, ''), directive])
    )
  const zones = new Map<string, Directive>()
  for (const directive of directives) {
    if (directive.name !== 'limit_req_zone' && directive.name !== 'limit_conn_zone') continue
    const zone = directive.args
      .map((arg) => /^zone=([^:]+)/.exec(arg)?.[1])
      .find((name) => name !== undefined)
    if (zone !== undefined) zones.set(zone, directive)
  }
  return { draft, used, upstreams: named('upstream', 0), maps: named('map', 1), zones, limits: new Map() }
}
