import type { Chance } from '@gatewright/core'
import { type Algorithm, Bucket } from './algorithms.js'

/** Counts that the keys share which the table has no room for. */
const CELLS = 1_024
/** How many keys are looked at when a new one comes. */
const LOOKS = 4

/**
 * The buckets of a limit by key, at most so many. A key whose limit is whole again is forgotten, as it would begin so; one
 * that has used some of it never is. What comes while no place is free shares the buckets of a few cells: keys that a
 * client makes up limit each other, and never set back a key that is limited.
 */
export class KeyTable {
  #most: number
  readonly #seed: number
  readonly #buckets = new Map<string, Bucket>()
  /** The keys once more, in the order in which they are looked at: a Map that is iterated anew steps over what was deleted. */
  readonly #keys: string[] = []
  #next = 0
  #cells: Bucket[] | null = null
  /** Requests that were counted in a cell. */
  overflowed = 0

  constructor(most: number, chance: Chance) {
    this.#most = most
    this.#seed = Math.floor(chance() * 2 ** 32)
  }

  get size(): number {
    return this.#buckets.size
  }

  /** From now on at most so many keys; those that are there stay. */
  resize(most: number): void {
    this.#most = most
  }

  /** The bucket of a key. */
  of(key: string, algorithm: Algorithm, now: number): Bucket {
    const known = this.#buckets.get(key)
    if (known !== undefined) return known
    this.#forget(algorithm, now)
    if (this.#buckets.size >= this.#most) return this.#cellOf(key)
    const bucket = new Bucket()
    this.#buckets.set(key, bucket)
    this.#keys.push(key)
    return bucket
  }

  #forget(algorithm: Algorithm, now: number): void {
    const keys = this.#keys
    for (let looks = Math.min(LOOKS, keys.length); looks > 0; looks--) {
      if (this.#next >= keys.length) this.#next = 0
      const key = keys[this.#next] as string
      if (algorithm.reset(this.#buckets.get(key) as Bucket, now) > 0) this.#next++
      else {
        this.#buckets.delete(key)
        const last = keys.pop() as string
        if (this.#next < keys.length) keys[this.#next] = last
      }
    }
  }

  #cellOf(key: string): Bucket {
    this.overflowed++
    this.#cells ??= Array.from({ length: CELLS }, () => new Bucket())
    let hash = this.#seed
    for (let index = 0; index < key.length; index++)
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0
    return this.#cells[((hash ^ (hash >>> 16)) >>> 0) % CELLS] as Bucket
  }
}
