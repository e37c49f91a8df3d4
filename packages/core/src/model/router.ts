import type { IncomingHttpHeaders } from 'node:http'
import type { NativeRouteConfig } from '../config/config.js'
import type { InSteps } from '../config/in-steps.js'
import type { GatewayError } from './gateway-error.js'
import type { Params, Route } from './route.js'

/** What a route table looks at. An {@link Exchange} is one. */
export interface MatchRequest {
  readonly method: string
  /** Lower case, without port and trailing dot; `''` when unknown. */
  readonly host: string
  /** Canonical, without the query. */
  readonly path: string
  /** With its `?`; `''` for none. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Headers, in lower case, that it will have with values which are not known: those that a preflight announces. */
  readonly announced?: ReadonlySet<string>
}

/** A route that matched. */
export interface RouteFound {
  readonly route: Route
  readonly params: Params | null
}

/** One route in an explanation. */
export interface RouteConsidered {
  readonly routeId: string
  readonly matched: boolean
  /** Why it matched, or the first condition that failed: a short sentence. */
  readonly because: string
}

/** A route of the app itself that has a request's path, in an explanation. */
export interface NativeConsidered {
  /** `GET,HEAD /users/:id` */
  readonly route: string
  /** Whether Fastify gives it the request, which the table then never sees. */
  readonly matched: boolean
  /** Why it gets the request or does not: a short sentence. */
  readonly because: string
}

/** The same, with everything needed to continue from there. */
export interface NativeFound extends NativeConsidered {
  readonly url: string
  /** Its gateway options; `null` for a route that is none of the gateway's. */
  readonly config: NativeRouteConfig | null
  readonly params: Params | null
}

/** Looks up the app's own routes, which take precedence over the table. */
export interface NativeLookup {
  /** Those that have the path: in any method, case and constraints. The one that gets the request is the first. */
  explain(request: MatchRequest): readonly NativeFound[]
  /** The one that Fastify gives the request to; `null` for none. */
  find(request: MatchRequest): NativeFound | null
  /** Why the table may not take a request although Fastify has left it to it; `null` when it may. */
  refusal(request: MatchRequest): GatewayError | null
}

/** A compiled set of routes: immutable, part of one snapshot. */
export interface RouteTable {
  find(request: MatchRequest): RouteFound | null
  /** Methods with which the request would have matched, sorted; asked only after `find` found nothing. */
  allowed(request: MatchRequest): readonly string[]
  /** Every route of the table, best first, with why it did or did not match. The first matched one is what `find` gives. */
  explain(request: MatchRequest): readonly RouteConsidered[]
}

/** Compiles a route table; writes one sentence per problem into `problems` and still returns a table. */
export type RouterFactory = (routes: readonly Route[], problems: string[]) => RouteTable | InSteps<RouteTable>
