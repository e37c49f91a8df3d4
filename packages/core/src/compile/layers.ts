import type { KeyPlace } from '../config/keys.js'
import { short } from '../config/rule-words.js'
import type { LayerKind } from '../config/validate-config.js'

/** A part of a configuration that has keys. */
export interface Layer {
  readonly kind: LayerKind
  readonly place: KeyPlace
  /** `pools.users`, `routes[3]`, `GET /users/*`; `''` for the whole. */
  readonly at: string
  readonly value: Readonly<Record<string, unknown>>
}

/** Native routes by name, with their options. */
export type NativeOptions = readonly (readonly [name: string, config: unknown])[]

/** Every part of a configuration that has keys, whatever its shape: pools, policies, routes, native routes, the whole. */
export function* layersOf(config: unknown, native: NativeOptions): Iterable<Layer> {
  if (isObject(config)) {
    yield* named(config.pools, 'pool', 'pools')
    yield* named(config.policies, 'policy', 'policies')
    if (Array.isArray(config.routes))
      for (const [index, route] of config.routes.entries())
        if (isObject(route)) yield { kind: 'route', place: 'route', at: `routes[${index}]`, value: route }
    yield { kind: 'gateway', place: 'gateway', at: '', value: config }
  }
  for (const [at, value] of native) if (isObject(value)) yield { kind: 'native', place: 'route', at, value }
}

function* named(byId: unknown, kind: 'pool' | 'policy', at: string): Iterable<Layer> {
  if (!isObject(byId)) return
  for (const [id, value] of Object.entries(byId))
    if (isObject(value)) yield { kind, place: kind, at: `${at}.${short(id)}`, value }
}

/** The place of a key of a layer: `pools.users.health`, or `metrics` for one of the whole. */
export function placeIn({ at }: Layer, name: string): string {
  return at === '' ? short(name) : `${at}.${short(name)}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
