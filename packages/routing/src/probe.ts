import type { MatchRequest, RouteFound } from '@gatewright/core'

/** One search: the request on its way through the layers of a table, and what came of it. */
export class Probe {
  readonly request: MatchRequest
  /** Collects the methods of routes that match but for the method; `null` when a route is wanted. */
  readonly methods: Set<string> | null
  found: RouteFound | null = null
  /** Whether the paths in question have been compared without regard to case. */
  folded = false
  /** find-my-way hands a constraint the value under its own name; see {@link PathTree}. */
  readonly probe: this = this

  constructor(request: MatchRequest, methods: Set<string> | null) {
    this.request = request
    this.methods = methods
  }
}
