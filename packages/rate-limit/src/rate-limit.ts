import type { Chance } from '@gatewright/core'
import type { Algorithm, Bucket } from './algorithms.js'
import { KeyTable } from './key-table.js'
import type { RateLimitSettings } from './settings.js'

/** One limit with what it has counted: kept over changes of the configuration by its id. */
export class RateLimit {
  readonly id: string
  readonly #chance: Chance
  #settings: RateLimitSettings
  #table: KeyTable
  /** Requests that it refused. */
  refused = 0

  constructor(id: string, settings: RateLimitSettings, chance: Chance) {
    this.id = id
    this.#chance = chance
    this.#settings = settings
    this.#table = new KeyTable(settings.maxKeys, chance)
  }

  /** The numbers change; what was counted stays, unless it was counted in another way. */
  use(settings: RateLimitSettings): void {
    if (settings.kind !== this.#settings.kind) this.#table = new KeyTable(settings.maxKeys, this.#chance)
    else this.#table.resize(settings.maxKeys)
    this.#settings = settings
  }

  get settings(): RateLimitSettings {
    return this.#settings
  }

  get algorithm(): Algorithm {
    return this.#settings.algorithm
  }

  bucket(key: string, now: number): Bucket {
    return this.#table.of(key, this.#settings.algorithm, now)
  }

  /** How many keys have a count of their own. */
  get keys(): number {
    return this.#table.size
  }

  /** Requests counted together with those of other keys. */
  get overflowed(): number {
    return this.#table.overflowed
  }
}
