/**
 * A map of at most so many entries that forgets what was not asked for longest, roughly: entries live in two halves, and
 * when the younger one is full the older one goes. Asking costs one or two look-ups and moves nothing within a list.
 */
export class BoundedMap<V> {
  readonly #half: number
  readonly #halfWeight: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #weight = 0

  /** `mostWeight` bounds the sum of what entries weigh as well; default: no bound. */
  constructor(most: number, mostWeight: number = Number.POSITIVE_INFINITY) {
    this.#half = Math.max(1, Math.ceil(most / 2))
    this.#halfWeight = mostWeight / 2
  }

  /** How many entries there are; one that was asked for lately may count twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string, weight = 0): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old, weight)
    return old
  }

  set(key: string, value: V, weight = 0): void {
    if (this.#young.size >= this.#half || this.#weight + weight > this.#halfWeight) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
    }
    this.#young.set(key, value)
    this.#weight += weight
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
    this.#weight = 0
  }
}
