import { InvalidValueError } from '../model/errors.js'
import type { Key, KeyPlace } from './keys.js'
import { type LayerKind, layerKeys } from './validate-config.js'

/** Those of core's own keys that a place has. */
const OWN: Readonly<Record<KeyPlace, LayerKind>> = {
  gateway: 'gateway',
  pool: 'pool',
  policy: 'policy',
  route: 'route'
}

/** The keys that features have added to the configuration, each owned by one plugin: `gateway.keys`. */
export class Keys {
  readonly #at: Readonly<Record<KeyPlace, Map<string, Key>>> = {
    gateway: new Map(),
    pool: new Map(),
    policy: new Map(),
    route: new Map()
  }
  #closed = false

  /** Registers keys. Throws GW_VALUE_INVALID for a name that is taken, and once the app is ready. */
  add(...keys: readonly Key[]): void {
    if (this.#closed) throw new InvalidValueError('gateway.keys.add()', 'called before the app is ready')
    for (const key of keys)
      for (const place of key.on) {
        const owner = this.#at[place].get(key.name)
        if (owner === key) continue
        if (owner !== undefined || Object.hasOwn(layerKeys[OWN[place]], key.name))
          throw new InvalidValueError(
            `the key '${key.name}' of ${key.plugin}`,
            `another: a ${place} has one of this name, of ${owner?.plugin ?? '@gatewright/core'}`
          )
        this.#at[place].set(key.name, key)
      }
  }

  /** The keys that may stand in one place, in the order in which they were registered. */
  at(place: KeyPlace): ReadonlyMap<string, Key> {
    return this.#at[place]
  }

  /** Every key once. */
  all(): ReadonlySet<Key> {
    return new Set(Object.values(this.#at).flatMap((keys) => [...keys.values()]))
  }

  /** From now on none is added. */
  close(): void {
    this.#closed = true
  }
}
