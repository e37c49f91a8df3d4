import type { Params } from '@gatewright/core'
import type { FastifyInstance } from 'fastify'
import FindMyWay from 'find-my-way'

/** How an app's router reads paths. */
export interface PathReading {
  readonly caseSensitive: boolean
  readonly ignoreTrailingSlash: boolean
  readonly ignoreDuplicateSlashes: boolean
  /** Longer parameters do not match. */
  readonly maxParamLength: number
}

/** How the app's own router reads paths, as far as Fastify exposes it. */
export function pathReading({ initialConfig }: FastifyInstance): PathReading {
  const { routerOptions = {}, ...older } = initialConfig as PathOptions & {
    readonly routerOptions?: PathOptions
  }
  const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, maxParamLength } = {
    ...older,
    ...routerOptions
  }
  return {
    caseSensitive: caseSensitive ?? true,
    ignoreTrailingSlash: ignoreTrailingSlash ?? false,
    ignoreDuplicateSlashes: ignoreDuplicateSlashes ?? false,
    maxParamLength: maxParamLength ?? 100
  }
}

type PathOptions = { readonly [Key in keyof PathReading]?: PathReading[Key] | undefined }

/** A value, and the parameters of its pattern. */
export interface PathFound<T> {
  readonly value: T
  readonly params: Params
}

type Router<T> = FindMyWay.Instance<FindMyWay.HTTPVersion.V1> & { readonly values: Map<string, T[]> }

/**
 * Values by method and path pattern, in Fastify's notation, found as Fastify's router finds its routes, but whatever
 * their constraints. Patterns that this reading takes for the same one stand in routers of their own.
 */
export class PathIndex<T> {
  readonly #reading: PathReading
  readonly #routers: Router<T>[] = []
  readonly #methods = new Set<string>()

  constructor(reading: PathReading) {
    this.#reading = reading
  }

  /** The methods that have patterns. */
  get methods(): Iterable<string> {
    return this.#methods
  }

  add(method: string, pattern: string, value: T): void {
    this.#methods.add(method)
    const key = `${method} ${pattern}`
    for (const router of this.#routers) {
      const same = router.values.get(key)
      if (same !== undefined) {
        same.push(value)
        return
      }
      if (tryOn(router, method, pattern, key, value)) return
    }
    const router = this.#create()
    this.#routers.push(router)
    tryOn(router, method, pattern, key, value)
  }

  /** The values of the pattern that takes the path, of each router that has one. */
  find(method: string, path: string): readonly PathFound<T>[] {
    return this.#routers.flatMap((router) => {
      const found = router.find(method as 'GET', path)
      if (found === null) return []
      const params = found.params as Params
      return (found.store as T[]).map((value) => ({ value, params }))
    })
  }

  #create(): Router<T> {
    const router = FindMyWay({ ...this.#reading, allowUnsafeRegex: true, querystringParser: () => ({}) })
    return Object.assign(router, { values: new Map<string, T[]>() })
  }
}

// It throws for a pattern that it takes for one that it has.
function tryOn<T>(router: Router<T>, method: string, pattern: string, key: string, value: T): boolean {
  const values = [value]
  try {
    router.on(method as 'GET', pattern, unused, values)
  } catch {
    return false
  }
  router.values.set(key, values)
  return true
}

function unused(): void {}
