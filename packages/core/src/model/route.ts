import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RedirectConfig, RespondConfig } from '../config/config.js'
import type { ResolvedHooks, RouteHandler } from '../config/hooks.js'
import type { Key } from '../config/keys.js'
import type { Reason } from '../config/reason.js'
import type { Pipeline } from './pipeline.js'
import type { Pool } from './pool.js'
import type { Timeouts } from './settings.js'

/**
 * The handler that forwards a request to its pool. It may be a route's handler itself, or be called by one: it
 * returns the reply, so that an async handler can return what it returns.
 */
export type Forward = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** Path parameters: decoded values. `*` is what the wildcard of a prefix route matched, without its leading slash. */
export type Params = Readonly<Record<string, string>>

/** A condition on one header field or query parameter. */
export interface ValueMatch {
  /** Lower case for header fields; as written for query parameters. */
  readonly name: string
  readonly kind: 'exact' | 'prefix' | 'regex' | 'exists'
  /** The text for `exact` and `prefix`, the source for `regex`, `''` for `exists`. */
  readonly value: string
  /** Turned round: holds when the condition does not. */
  readonly not: boolean
}

/** When a route of the table applies; all parts must hold. */
export interface RouteMatch {
  readonly path: {
    readonly kind: 'exact' | 'prefix' | 'regex'
    /**
     * `exact`: the path, maybe with `:parameters`. `prefix`: the path before `/*`, `''` for all paths, maybe with
     * `:parameters`. `regex`: the source, without the leading `~`.
     */
    readonly value: string
  }
  /** Lower case. Empty for any host. A wildcard is written `*.example.com`. */
  readonly hosts: readonly string[]
  /** Upper case, HEAD added where there is GET. `null` for every method but CONNECT and TRACE. */
  readonly methods: readonly string[] | null
  readonly headers: readonly ValueMatch[]
  readonly query: readonly ValueMatch[]
  readonly priority: number
  readonly caseSensitive: boolean
  readonly trailingSlash: 'strict' | 'ignore'
}

/** What happens to a request that matched. */
export type RouteAction =
  | { readonly kind: 'forward' }
  | { readonly kind: 'redirect'; readonly redirect: RedirectConfig }
  | { readonly kind: 'respond'; readonly respond: RespondConfig }
  | { readonly kind: 'handler'; readonly handler: RouteHandler }

/** Makes the upstream's path from the canonical path. Pure. */
export type Rewrite = (path: string, params: Params | null) => string

/** Which prefix of an upstream's paths stands for which of the client's: without a slash at the end, `''` for all paths. */
export interface PrefixMapping {
  readonly upstream: string
  readonly client: string
}

/** How a rewrite maps prefixes, for one request; `null` where it does something else. Pure. */
export type ReadMapping = (path: string, params: Params | null) => PrefixMapping | null

/** Which layer of the configuration a route has a setting from. */
export type Origin = 'route' | 'policy' | 'pool'

/** A compiled route: immutable, part of one snapshot. */
export interface Route {
  /** Stable and unique in the snapshot. */
  readonly id: string
  /** Where the configuration says it: `routes[3]`, or `GET /users/*` for a native route. */
  readonly source: string
  /** `null` for a native route, which Fastify itself matches. */
  readonly match: RouteMatch | null
  readonly action: RouteAction
  readonly pool: Pool | null
  readonly timeouts: Timeouts
  /** Largest request body in bytes; 0 for no limit. */
  readonly bodyLimit: number
  /** How much of a request body is kept in memory, so that it can be sent again, in bytes; 0 for none. */
  readonly keepBody: number
  readonly preserveHost: boolean
  readonly rewrite: Rewrite | null
  /** What turns the rewrite round; `null` where there is none. */
  readonly undo: ReadMapping | null
  /** `null` when neither the route nor its policies have hooks. */
  readonly hooks: ResolvedHooks | null
  /** Its pipeline: the steps of features and the hooks. */
  readonly pipeline: Pipeline
  readonly fallback: Fallback | null
  /** What parts know of it: see `RouteSlot`. */
  readonly slots: unknown[]
  /**
   * The settings for a key of a feature: of its own value, of the last of its policies that has one, of its pool's. To be
   * looked up when a snapshot is compiled, not for every request.
   */
  setting<S>(key: Key<unknown, S>): S
  /** The value for a key of that name, as configured; `undefined` where no layer has one. */
  given(name: string): unknown
  /** Which layer that value is from; `null` where no layer has one. */
  origin(name: string): Origin | null
}

/** What answers when the upstream cannot. */
export interface Fallback {
  readonly on: ReadonlySet<Reason>
  readonly action:
    | { readonly kind: 'pool'; readonly pool: Pool }
    | { readonly kind: 'respond'; readonly respond: RespondConfig }
    | { readonly kind: 'handler'; readonly handler: RouteHandler }
}
