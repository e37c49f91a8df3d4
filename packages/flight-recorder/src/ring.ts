/** The last so many things, in places that are used again. */
export class Ring<T> {
  #places: T[] = []
  #size: number
  readonly #create: () => T
  #next = 0

  /** `size` from 1. A place is made when it is first needed. */
  constructor(size: number, create: () => T) {
    this.#size = size
    this.#create = create
  }

  /** The place for what comes now: a new one, or that of the oldest. */
  claim(): T {
    const index = this.#next
    this.#next = (index + 1) % this.#size
    const known = this.#places[index]
    if (known !== undefined) return known
    const made = this.#create()
    this.#places.push(made)
    return made
  }

  /** From now on so many, from 1: the newest stay. */
  resize(size: number): void {
    if (size === this.#size) return
    this.#places = [...this.newest()].slice(0, size).reverse()
    this.#size = size
    this.#next = this.#places.length % size
  }

  /** How many there are. */
  get count(): number {
    return this.#places.length
  }

  /** The newest ones first. */
  *newest(): Iterable<T> {
    const { length } = this.#places
    for (let back = 1; back <= length; back++) yield this.#places[(this.#next - back + length) % length] as T
  }

  /** The oldest one, if there is any. */
  get oldest(): T | undefined {
    return this.#places[this.#next] ?? this.#places[0]
  }
}
