import type { Keys } from '../config/key-registry.js'
import type { Key } from '../config/keys.js'
import type { Origin } from '../model/route.js'

/** A key of a feature that a route has a value for. */
interface Given {
  readonly value: unknown
  readonly setting: unknown
  readonly origin: Origin
}

type Layer = Readonly<Record<string, unknown>>

/** What the keys of features say for a route, by their names. */
export type RouteSettings = ReadonlyMap<string, Given>

const NONE: RouteSettings = new Map()

/** What keys make of values that many routes have in common, such as those of a policy: worked out once. */
export class ResolvedValues {
  readonly #byKey = new Map<Key, Map<unknown, unknown>>()

  of(key: Key, value: unknown): unknown {
    let known = this.#byKey.get(key)
    if (known === undefined) {
      known = new Map()
      this.#byKey.set(key, known)
    }
    let setting = known.get(value)
    if (setting === undefined) {
      setting = key.resolve(value)
      known.set(value, setting)
    }
    return setting
  }
}

/**
 * The nearest value of each key, whole: the route's own, that of the last of its policies which has one, its pool's. In
 * JavaScript a key may be there and `undefined`, which hides nothing.
 */
export function routeSettings(
  keys: Keys,
  route: object,
  policies: readonly object[],
  pool: object | undefined,
  resolved: ResolvedValues
): RouteSettings {
  const layers: [Origin, object][] = [['route', route]]
  for (const policy of policies.toReversed()) layers.push(['policy', policy])
  const found = new Map<string, Given>()
  for (const key of keys.at('route').values()) {
    const all = pool !== undefined && key.on.includes('pool') ? [...layers, ['pool', pool] as const] : layers
    const given = givenBy(key, all, resolved)
    if (given !== null) found.set(key.name, given)
  }
  return found.size === 0 ? NONE : found
}

/** How much of a request body the features of a route want kept, in bytes. */
export function bodyToKeep(keys: Keys, settings: RouteSettings): number {
  let most = 0
  for (const key of keys.at('route').values()) {
    const given = settings.get(key.name)
    if (given !== undefined) most = Math.max(most, key.keepsBody?.(given.value) ?? 0)
  }
  return most
}

function givenBy(
  key: Key,
  layers: readonly (readonly [Origin, object])[],
  resolved: ResolvedValues
): Given | null {
  for (const [origin, layer] of layers) {
    const value = (layer as Layer)[key.name]
    if (value !== undefined) return { value, setting: resolved.of(key, value), origin }
  }
  return null
}
