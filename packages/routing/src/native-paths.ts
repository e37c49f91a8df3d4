import {
  type AppRoute,
  GatewayError,
  hostKey,
  type MatchRequest,
  type NativeFound,
  type NativeLookup,
  nameOfRoute
} from '@gatewright/core'
import { type PathFound, PathIndex, type PathReading } from './path-index.js'

/** Where the table is mounted in Fastify's router. */
export interface MountedAt {
  readonly method: string
  readonly url: string
}

/** Represents the table in an index. */
const TABLE = null

type Owner = AppRoute | typeof TABLE

/**
 * The paths of native routes, so that the table does not take what Fastify's router has left to it for the spelling
 * alone: a parameter that is longer than the router allows, a host that it compares byte for byte. With `strict`
 * the table takes no path that a native route has, whatever the method, case, last slash or constraints.
 */
export class NativePaths implements NativeLookup {
  /** As Fastify's router finds them. */
  readonly #native: PathIndex<Owner>
  /** The same, without a limit to the length of parameters. */
  readonly #long: PathIndex<Owner>
  /** Case, a last slash and repeated slashes apart. */
  readonly #loose: PathIndex<Owner>
  readonly #maxParamLength: number
  readonly #strict: boolean
  readonly #hosts: boolean

  constructor(
    routes: readonly AppRoute[],
    mounted: Iterable<MountedAt>,
    reading: PathReading,
    strict: boolean
  ) {
    const endless = { ...reading, maxParamLength: Number.MAX_SAFE_INTEGER }
    this.#native = new PathIndex(reading)
    this.#long = new PathIndex(endless)
    this.#loose = new PathIndex({
      ...endless,
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true
    })
    this.#maxParamLength = reading.maxParamLength
    this.#strict = strict
    this.#hosts = routes.some(({ constraints }) => constraints.host !== undefined)
    for (const { method, url } of mounted)
      for (const index of [this.#native, this.#long, this.#loose]) index.add(method, url, TABLE)
    for (const route of routes) this.#add(route)
  }

  #add(route: AppRoute): void {
    for (const method of route.methods) {
      this.#native.add(method, route.url, route)
      this.#long.add(method, route.url, route)
      // What takes every path, such as the preflight route of CORS, owns none.
      if (!isEverything(route.url) || route.config !== null) this.#loose.add(method, route.url, route)
      // `/admin/*` guards `/admin` too.
      if (/[^/]\/\*$/.test(route.url)) this.#loose.add(method, route.url.slice(0, -2), route)
    }
  }

  /** Why the table may not take a request that Fastify's router has left to it; `null` when it may. */
  refusal(request: MatchRequest): GatewayError | null {
    const { path, method } = request
    if (this.#hosts || path.length > this.#maxParamLength)
      for (const { value: route } of this.#long.find(method, path)) {
        if (route === TABLE) continue
        if (Object.keys(route.constraints).length === 0)
          return new GatewayError('uri_too_long', {
            detail: `a parameter of ${nameOfRoute(route)} has more than ${this.#maxParamLength} characters`
          })
        if (isHostOf(route, request.host))
          return new GatewayError('route_not_found', {
            detail: `${nameOfRoute(route)} is this request's, but its Host is written otherwise`
          })
      }
    return this.#strict ? this.#ownedPath(method, path) : null
  }

  #ownedPath(method: string, path: string): GatewayError | null {
    const owners = this.#owners(path)
    const [first] = owners
    if (first === undefined) return null
    const detail = `the path is that of ${nameOfRoute(first)}`
    const allowed = new Set(owners.flatMap(({ methods }) => methods))
    if (allowed.has(method)) return new GatewayError('route_not_found', { detail })
    return new GatewayError('method_not_allowed', {
      detail,
      headers: { allow: [...allowed].sort().join(', ') }
    })
  }

  #owners(path: string): readonly AppRoute[] {
    const owners = new Set<AppRoute>()
    for (const method of this.#loose.methods)
      for (const { value: route } of this.#loose.find(method, path)) if (route !== TABLE) owners.add(route)
    return [...owners]
  }

  find(request: MatchRequest): NativeFound | null {
    const taken = first(this.#native.find(request.method, request.path), request)
    return taken === null ? null : foundOf(taken.value, taken.params)
  }

  explain(request: MatchRequest): readonly NativeFound[] {
    const { method, path } = request
    const taken = first(this.#native.find(method, path), request)
    const long = first(this.#long.find(method, path), request)
    const all = new Set([...(taken === null ? [] : [taken.value]), ...this.#owners(path)])
    return [...all].map((route) => {
      if (route === taken?.value) return foundOf(route, taken.params)
      const because = this.#because(route, request, route === long?.value)
      return { ...foundOf(route, null), matched: false, because }
    })
  }

  #because(route: AppRoute, { method }: MatchRequest, isLong: boolean): string {
    if (!route.methods.includes(method)) return `method ${method} is not ${route.methods.join(', ')}`
    if (isLong) return `a parameter has more than ${this.#maxParamLength} characters`
    if (Object.keys(route.constraints).length > 0)
      return `its constraints are ${JSON.stringify(route.constraints)}`
    return `the path is '${route.url}' only in another case or with another last slash, or another route goes first`
  }
}

function foundOf(route: AppRoute, params: PathFound<AppRoute>['params'] | null): NativeFound {
  const { url, config } = route
  return { route: nameOfRoute(route), matched: true, because: `its path is '${url}'`, url, config, params }
}

function isEverything(url: string): boolean {
  return url === '*' || url === '/*'
}

function isHostOf({ constraints }: AppRoute, host: string): boolean {
  const wanted = constraints.host
  if (wanted instanceof RegExp) return new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, '')).test(host)
  return typeof wanted === 'string' && hostKey(wanted) === host
}

// Fastify tries routes with constraints first, and compares hosts as they are written.
function first(found: readonly PathFound<Owner>[], { headers }: MatchRequest): PathFound<AppRoute> | null {
  const routes = found.filter((one): one is PathFound<AppRoute> => one.value !== TABLE)
  const bound = routes.find(({ value: { constraints } }) => {
    const { host, ...others } = constraints
    if (host === undefined || Object.keys(others).length > 0) return false
    return host instanceof RegExp ? host.test(headers.host ?? '') : host === headers.host
  })
  return bound ?? routes.find(({ value }) => Object.keys(value.constraints).length === 0) ?? null
}
