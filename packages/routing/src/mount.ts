import { MOUNTED } from '@gatewright/core'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { MountedAt } from './native-paths.js'

/** What is mounted, where and for which methods. */
export interface MountPlan {
  /** The path that everything is below, such as `/api`; `''` for the whole scope. */
  readonly prefix: string
  readonly methods: readonly string[]
  /** The first segments, such as `/api`, below which routes are. */
  readonly bases: readonly string[]
  /** What all of its Fastify routes have: hooks and handler. */
  options(): Omit<RouteOptions, 'method' | 'url'>
}

/** The constraint that lets a route of the app at the place of the table go first. */
const FIRST = 'beforeGatewayTable'

/**
 * The Fastify routes of a table. A method of a place that a route of the app has is left to that, whichever came
 * first; where the app takes every path of a method, the table is mounted below its routes' first segments instead.
 */
export class Mount {
  /** The options of its Fastify routes, as `onRoute` hooks have left them. */
  readonly routes: RouteOptions[] = []
  /** Places that belong to routes of the app. */
  readonly taken: MountedAt[] = []
  readonly #app: FastifyInstance
  readonly #plan: MountPlan
  readonly #below: string[] = []
  readonly #mounted = new Map<string, MountedAt>()

  constructor(app: FastifyInstance, plan: MountPlan) {
    this.#app = app
    this.#plan = plan
    app.addHook('onRoute', (route) => this.#meet(route))
    this.#at('', plan.methods)
  }

  /** Where the table is found by Fastify's router. */
  get mounted(): Iterable<MountedAt> {
    return this.#mounted.values()
  }

  /** The methods for which the table is mounted below first segments, where it goes before the app's parameters. */
  get below(): readonly string[] {
    return this.#below
  }

  /** Whether requests with the method below the base get to the table; `''` is any path. */
  has(method: string, base: string): boolean {
    const urls = [base, ''].flatMap((at) => this.#urls(at))
    return urls.some((url) => this.#mounted.has(keyOf({ method, url: this.#app.prefix + url })))
  }

  #urls(base: string): readonly string[] {
    const path = this.#plan.prefix + base
    return path === '' && this.#app.prefix === '' ? ['/*'] : [path, `${path}/*`]
  }

  #at(base: string, methods: readonly string[]): void {
    for (const url of this.#urls(base)) {
      const whole = this.#app.prefix + url
      const owned = methods.filter((method) => isOwned(this.#app, method, whole))
      for (const method of owned) this.taken.push({ method, url: whole })
      const free = methods.filter((method) => !owned.includes(method))
      for (const method of free) this.#mounted.set(keyOf({ method, url: whole }), { method, url: whole })
      // Apart, since the forwarder adds hooks to routes with methods whose bodies Fastify would parse.
      for (const some of [free.filter(isBodiless), free.filter((name) => !isBodiless(name))])
        if (some.length > 0) this.#app.route({ ...this.#plan.options(), method: some, url })
      if (url.endsWith('/*')) this.#instead(base, owned)
    }
  }

  // Below the first segments a mounted route is more specific than what takes every path.
  #instead(base: string, methods: readonly string[]): void {
    if (base !== '' || methods.length === 0) return
    for (const other of this.#plan.bases) this.#at(other, methods)
    if (this.#plan.bases.length > 0) this.#below.push(...methods)
  }

  #meet(route: RouteOptions): void {
    if (route.config?.gateway === MOUNTED) {
      if ([route.method].flat().every((method) => this.#mounted.has(keyOf({ method, url: route.url }))))
        this.routes.push(route)
      return
    }
    const url = route.url === '*' ? '/*' : route.url
    const owned = [route.method].flat().filter((method) => this.#mounted.has(keyOf({ method, url })))
    if (owned.length === 0 || Object.keys(route.constraints ?? {}).length > 0) return
    this.#letGoFirst(route, url)
    for (const method of owned) {
      this.#mounted.delete(keyOf({ method, url }))
      this.taken.push({ method, url })
    }
    if (url.endsWith('/*')) this.#instead(this.#baseOf(url), owned)
  }

  // Fastify cannot take a route back, but asks one with a constraint that holds before one without.
  #letGoFirst(route: RouteOptions, url: string): void {
    if (!this.#app.hasConstraintStrategy(FIRST)) this.#app.addConstraintStrategy(always())
    route.constraints = { [FIRST]: true }
    route.url = url
  }

  #baseOf(url: string): string {
    return url.slice((this.#app.prefix + this.#plan.prefix).length, -2)
  }
}

function keyOf({ method, url }: MountedAt): string {
  return `${method} ${url}`
}

function isOwned(app: FastifyInstance, method: string, url: string): boolean {
  return app.hasRoute({ method, url }) || (url === '/*' && app.hasRoute({ method, url: '*' }))
}

function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'TRACE'
}

function always() {
  return {
    name: FIRST,
    validate() {},
    deriveConstraint: () => true,
    storage() {
      let handler: unknown = null
      return {
        get: () => handler as never,
        set(_value: unknown, given: unknown) {
          handler = given
        }
      }
    }
  }
}
