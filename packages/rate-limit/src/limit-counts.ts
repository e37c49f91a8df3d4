import type { Chance } from '@gatewright/core'
import type { Algorithm, Bucket } from './algorithms.js'
import { KeyTable } from './key-table.js'
import type { RateLimitSettings } from './settings.js'

/** What a limit has counted: kept over changes of the configuration by its id, and shared by all routes that name it. */
export class LimitCounts {
  /** `name api`, `route users default` or `gateway default`. */
  readonly id: string
  readonly #chance: Chance
  #kind: string
  #table: KeyTable
  readonly #running = new Map<string, number>()
  /** Requests that it refused. */
  refused = 0

  constructor(id: string, { kind, maxKeys }: RateLimitSettings, chance: Chance) {
    this.id = id
    this.#chance = chance
    this.#kind = kind
    this.#table = new KeyTable(maxKeys, chance)
  }

  /** The numbers change; what was counted stays, unless it was counted in another way. */
  use({ kind, maxKeys }: RateLimitSettings): void {
    if (kind === this.#kind) this.#table.resize(maxKeys)
    else this.#table = new KeyTable(maxKeys, this.#chance)
    this.#kind = kind
  }

  /** What is known of a key. */
  bucket(key: string, algorithm: Algorithm, now: number): Bucket {
    return this.#table.of(key, algorithm, now)
  }

  /** Requests of a key that run, for limits of those. */
  running(key: string): number {
    return this.#running.get(key) ?? 0
  }

  /** One more of a key runs. */
  enter(key: string): void {
    this.#running.set(key, this.running(key) + 1)
  }

  /** One of them has ended. */
  leave(key: string): void {
    const running = this.running(key) - 1
    if (running > 0) this.#running.set(key, running)
    else this.#running.delete(key)
  }

  /** How many keys have a count of their own. */
  get keys(): number {
    return this.#table.size + this.#running.size
  }

  /** Requests counted together with those of other keys. */
  get overflowed(): number {
    return this.#table.overflowed
  }
}
