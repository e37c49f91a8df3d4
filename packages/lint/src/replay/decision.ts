import type { Explanation } from '@gatewright/core'

/** What a gateway would do with a request. */
export interface Decision {
  /** The id of the route; `null` for none. */
  readonly route: string | null
  readonly action: Explanation['action']
  /** The status of the gateway's own answer where no route has it: 400, 404, 405, or 308 for another spelling of the path. */
  readonly status: number | null
  readonly pool: string | null
}

/** A decision, with the target that the upstream would get, without its address; `null` where there is none. */
export interface Decided extends Decision {
  readonly target: string | null
}

/** The decision of an explanation. */
export function decisionOf({ route, action, status, pool, upstreamUrl }: Explanation): Decided {
  return {
    route,
    action,
    status,
    pool,
    target: upstreamUrl === null ? null : upstreamUrl.replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  }
}

/** A decision in a few words. */
export function inWords({ route, action, status, pool }: Decision): string {
  if (route === null) return status === null ? 'another handler' : `${status}`
  return `route '${route}'${action === 'forward' ? (pool === null ? '' : `, pool '${pool}'`) : ` (${action})`}`
}
