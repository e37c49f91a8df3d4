import type { FastifyInstance, RouteOptions } from 'fastify'
import type { NativeRouteConfig } from './config.js'
import { MOUNTED } from './mounted.js'

/** A route of the app itself, as it was registered after the gateway; one for each method list and URL. */
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

/** Keeps a list of the routes that the app gets from now on, the mounted table apart. */
export function listRoutes(app: FastifyInstance, routes: AppRoute[]): void {
  app.addHook('onRoute', function listRoute({ method, url, constraints = {}, config }: RouteOptions) {
    const own = config?.gateway ?? null
    if (own !== MOUNTED)
      routes.push({ methods: [method].flat(), url, constraints: { ...constraints }, config: own })
  })
}

/** `GET,HEAD /users/:id`, and the host it is bound to. */
export function nameOfRoute({ methods, url, constraints }: AppRoute): string {
  const { host } = constraints
  return `${methods.join(',')} ${url}${host === undefined ? '' : ` (host ${String(host)})`}`
}
