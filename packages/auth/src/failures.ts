import { type Chance, type Clock, clientPrefix, durationMs } from '@gatewright/core'
import type { FailureLimitConfig } from './config/config.js'

/** How many failures are counted, and for how long. */
interface Settings {
  readonly limit: number
  readonly windowMs: number
  readonly maxClients: number
}

interface Count {
  failures: number
  /** When it begins anew. */
  until: number
}

/** Counts that the clients share which the table has no room for. */
const CELLS = 1_024
/** How many clients are looked at when a new one comes. */
const LOOKS = 4

/**
 * Failed attempts by client, at most so many clients: a flood of addresses shares a few counts, and never sets back a client
 * that is counted. Kept over changes of the configuration.
 */
export class Failures {
  readonly #clock: Clock
  readonly #seed: number
  readonly #counts = new Map<string, Count>()
  #cells: Count[] | null = null
  #settings: Settings | null = null
  /** Requests that were refused, as their client had failed too often. */
  throttled = 0

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock
    this.#seed = Math.floor(chance() * 2 ** 32)
  }

  /** From now on this limit; `null` for none. */
  use(config: FailureLimitConfig | false): void {
    if (config === false) {
      this.#settings = null
      this.#counts.clear()
      return
    }
    const { limit = 30, window = '1m', maxClients = 100_000 } = config
    this.#settings = { limit, windowMs: durationMs(window) as number, maxClients }
  }

  /** Clients that are counted apart, and have failed in their window. */
  get clients(): number {
    const now = this.#clock()
    let clients = 0
    for (const { until } of this.#counts.values()) if (until > now) clients++
    return clients
  }

  /** Milliseconds until a client may try again; 0 for at once. */
  waitOf(client: string): number {
    if (this.#settings === null || (this.#counts.size === 0 && this.#cells === null)) return 0
    const count = this.#find(clientPrefix(client, 64))
    const now = this.#clock()
    if (count === undefined || count.until <= now || count.failures < this.#settings.limit) return 0
    return count.until - now
  }

  /** A client has failed. */
  record(client: string): void {
    if (this.#settings === null) return
    const now = this.#clock()
    const key = clientPrefix(client, 64)
    const known = this.#counts.get(key)
    // One that begins anew comes last again: those that have waited for longest are forgotten first.
    if (known !== undefined && known.until <= now) this.#counts.delete(key)
    const count = this.#counts.get(key) ?? this.#add(key, now)
    if (count.until <= now) {
      count.failures = 0
      count.until = now + this.#settings.windowMs
    }
    count.failures++
  }

  #find(key: string): Count | undefined {
    return this.#counts.get(key) ?? this.#cells?.[this.#cellOf(key)]
  }

  #add(key: string, now: number): Count {
    let looks = LOOKS
    for (const [other, { until }] of this.#counts) {
      if (until > now || looks-- === 0) break
      this.#counts.delete(other)
    }
    if (this.#counts.size >= (this.#settings as Settings).maxClients) {
      this.#cells ??= Array.from({ length: CELLS }, () => ({ failures: 0, until: 0 }))
      return this.#cells[this.#cellOf(key)] as Count
    }
    const count = { failures: 0, until: 0 }
    this.#counts.set(key, count)
    return count
  }

  #cellOf(key: string): number {
    let hash = this.#seed
    for (let index = 0; index < key.length; index++)
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0
    return ((hash ^ (hash >>> 16)) >>> 0) % CELLS
  }
}
