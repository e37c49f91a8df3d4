import { RegistrationError } from './errors.js'
import type { Key, KeyPlace } from './keys.js'
import { layerKeys } from './validate-config.js'

const CAMEL_CASE = /^[a-z][A-Za-z0-9]*$/

/** The keys that features have added to the configuration, each owned by one plugin: `gateway.keys`. */
export class Keys {
  readonly #at: Readonly<Record<KeyPlace, Map<string, Key>>> = {
    gateway: new Map(),
    pool: new Map(),
    policy: new Map(),
    route: new Map()
  }
  #closed = false

  /** Registers keys. Throws GW_REGISTRATION_INVALID for a name that is malformed or taken, and once the app is ready. */
  add(...keys: readonly Key[]): void {
    for (const key of keys) {
      if (!CAMEL_CASE.test(key.name)) refuse(key, "must be a name such as 'slowStart'")
      if (this.#closed) refuse(key, 'comes too late: add it before the app is ready')
      if (key.reload === 'restart' && key.on.some((place) => place !== 'gateway'))
        refuse(key, "must be reloaded 'live': pools, policies and routes come and go")
      for (const place of key.on) this.#addAt(place, key)
    }
  }

  /** The keys that may stand in one place, in the order in which they were registered. */
  at(place: KeyPlace): ReadonlyMap<string, Key> {
    return this.#at[place]
  }

  /** From now on none is added. */
  close(): void {
    this.#closed = true
  }

  #addAt(place: KeyPlace, key: Key): void {
    const keys = this.#at[place]
    const other = keys.get(key.name)
    if (other === key) return
    if (other !== undefined || Object.hasOwn(layerKeys[place], key.name))
      refuse(key, `is one of ${other?.plugin ?? '@gatewright/core'} already: choose another name`)
    keys.set(key.name, key)
  }
}

function refuse({ name, plugin }: Key, rule: string): never {
  throw new RegistrationError(`the key '${name}' of ${plugin}`, rule)
}
