import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance, PrintRoutesOptions } from 'fastify'
import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import { type AppRoute, type ListedRoute, nameOfRoute } from '../model/app-routes.js'
import { BOUND, MOUNTED } from '../model/mounted.js'
import type { Gateway } from './kernel.js'

/** What Fastify's router keeps of a route, as far as it is read here. */
interface RouterEntry {
  readonly method: string
  readonly path: string
  readonly opts: { readonly constraints?: Readonly<Record<string, unknown>> }
  readonly store: { readonly config: RouterConfig }
}

interface RouterConfig {
  readonly gateway?: NativeRouteConfig
  readonly [BOUND]?: true
  readonly url: string
  readonly method: string | readonly string[]
}

/**
 * Finds the routes that no `onRoute` hook of the gateway has seen: those that the app had before it, and those of
 * scopes beside its own. They are added to `gateway.appRoutes` when the app becomes ready.
 * `listed` are the others.
 */
export class UnlistedRoutes {
  readonly #app: FastifyInstance
  readonly #listed: readonly ListedRoute[]
  /** Whether there can be any; `null` when there are, but Fastify does not show them. */
  readonly #possible: boolean | null
  readonly #problems: string[] = []

  constructor(app: FastifyInstance, listed: readonly ListedRoute[]) {
    this.#app = app
    this.#listed = listed
    const entries = readRouter(app)
    // Only the app itself has its own methods; hooks see whatever is added later in any of its scopes.
    this.#possible = entries === null ? null : entries.length > 0 || !Object.hasOwn(app, 'printRoutes')
  }

  /** Adds them, and warns of what cannot be known. */
  addTo({ appRoutes }: Gateway): void {
    if (this.#possible === null)
      this.#app.log.warn(
        'routes that the app had before the gateway are not known to it, and the route table takes what they leave of their paths: register the gateway first'
      )
    if (this.#possible !== true) return
    const entries = (readRouter(this.#app) ?? []).filter((entry) => !this.#isKnown(entry))
    for (const route of routesOf(entries)) {
      appRoutes.push(route)
      // Fastify's own HEAD beside a GET has the same options.
      if (route.config !== null && route.methods.join() !== 'HEAD')
        this.#problems.push(
          `${nameOfRoute(route)}: has gateway options, but the gateway was not there when it was added: register the gateway first, and in the same scope or one around it`
        )
    }
  }

  /** Yields the problems of a configuration beside such routes. */
  *check({ nativeFirst }: GatewayConfig): Iterable<string> {
    yield* this.#problems
    if (this.#possible === null && nativeFirst === 'strict')
      yield "nativeFirst: 'strict' cannot be kept, as the app had routes before the gateway and this version of Fastify does not show them: register the gateway first"
  }

  #isKnown({ store: { config }, opts: { constraints = {} } }: RouterEntry): boolean {
    if (config.gateway === MOUNTED) return true
    return this.#listed.some(
      ({ methods, url, options }) =>
        url === config.url &&
        isDeepStrictEqual(methods, [config.method].flat()) &&
        isDeepStrictEqual({ ...options.constraints }, { ...constraints })
    )
  }
}

/**
 * Everything in the router. Fastify has no list of routes, but prints them, and asks for each what to print of it.
 * `null` when it prints some without having asked.
 */
function readRouter(app: FastifyInstance): RouterEntry[] | null {
  const entries: RouterEntry[] = []
  const printed = app.printRoutes(new Listener(entries))
  return entries.length === 0 && /\([A-Z-]+[,)]/.test(printed) ? null : entries
}

class Listener implements PrintRoutesOptions {
  readonly includeMeta = true
  readonly #entries: RouterEntry[]

  constructor(entries: RouterEntry[]) {
    this.#entries = entries
  }

  get buildPrettyMeta(): (entry: RouterEntry) => object {
    return ({ method, path, opts, store }) => {
      if (store?.config !== undefined) this.#entries.push({ method, path, opts, store })
      return {}
    }
  }

  /** The printer sets its own. */
  set buildPrettyMeta(_own: unknown) {}
}

// The router has one entry for each method, and two for a path that ends with an optional parameter.
function routesOf(entries: readonly RouterEntry[]): Iterable<AppRoute> {
  const routes = new Map<string, Map<object, AppRoute & { readonly methods: string[] }>>()
  for (const { method, path, opts, store } of entries) {
    const same = routes.get(path) ?? new Map()
    routes.set(path, same)
    const known = same.get(store)
    if (known !== undefined) known.methods.push(method)
    else {
      const { gateway = null, [BOUND]: bound } = store.config
      // Another gateway of the app has those of its own.
      const config = bound ? null : gateway
      same.set(store, { methods: [method], url: path, constraints: { ...opts.constraints }, config })
    }
  }
  return [...routes.values()].flatMap((same) => [...same.values()])
}
