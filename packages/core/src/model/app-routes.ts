import type { FastifyInstance, RouteOptions } from 'fastify'
import type { NativeRouteConfig } from '../config/config.js'
import { MOUNTED } from './mounted.js'

/** A route of the app itself; one for each method list and URL. */
export interface AppRoute {
  /** Upper case. */
  readonly methods: readonly string[]
  /** With the prefixes of the scopes around it. */
  readonly url: string
  /** Fastify's constraints, such as `host`; empty for none. */
  readonly constraints: Readonly<Record<string, unknown>>
  /** The options of a gateway route; `null` when it is none. */
  readonly config: NativeRouteConfig | null
}

/** A route as `onRoute` hooks see it, with its options, which Fastify may change later. */
export interface ListedRoute {
  readonly methods: readonly string[]
  readonly url: string
  readonly options: RouteOptions
}

/** Keeps a list of the routes that the app gets from now on, the mounted table apart. Returns all, the table included. */
export function listRoutes(app: FastifyInstance, routes: AppRoute[]): readonly ListedRoute[] {
  const listed: ListedRoute[] = []
  app.addHook('onRoute', function listRoute(options: RouteOptions) {
    const { method, url, constraints = {}, config } = options
    const own = config?.gateway ?? null
    const methods = [method].flat()
    listed.push({ methods, url, options })
    if (own !== MOUNTED) routes.push({ methods, url, constraints: { ...constraints }, config: own })
  })
  return listed
}

/** `GET,HEAD /users/:id`, and the host it is bound to. */
export function nameOfRoute({ methods, url, constraints }: AppRoute): string {
  const { host } = constraints
  return `${methods.join(',')} ${url}${host === undefined ? '' : ` (host ${String(host)})`}`
}
