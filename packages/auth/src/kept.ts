import type { Kept } from './scheme.js'

/** What schemes keep over changes of the configuration: caches, fetched keys, failure counts. */
export class KeptState {
  #current = new Map<string, Kept>()

  /** For the next configuration. */
  begin(): NextKept {
    return new NextKept(this.#current, (next) => {
      this.#current = next
    })
  }

  /** The app closes. */
  close(): void {
    for (const one of this.#current.values()) one.close?.()
    this.#current = new Map()
  }
}

/** What the next configuration keeps of it. */
export class NextKept {
  readonly #before: ReadonlyMap<string, Kept>
  readonly #take: (next: Map<string, Kept>) => void
  readonly #next = new Map<string, Kept>()
  #left: Kept[] = []
  #isGivenUp = false

  constructor(before: ReadonlyMap<string, Kept>, take: (next: Map<string, Kept>) => void) {
    this.#before = before
    this.#take = take
  }

  /** What is there under an id, or what `create` makes. */
  keep<T extends object>(id: string, create: () => T & Kept): T {
    const kept = this.#next.get(id) ?? this.#before.get(id) ?? create()
    this.#next.set(id, kept)
    // A scheme that still waited for its library when the change was given up.
    if (this.#isGivenUp && !this.#before.has(id)) kept.close?.()
    return kept as T
  }

  /** The next configuration takes over. */
  commit(): void {
    this.#left = [...this.#before].flatMap(([id, one]) => (this.#next.has(id) ? [] : [one]))
    this.#take(this.#next)
  }

  /** The last request of the configuration before has ended. */
  retire(): void {
    for (const one of this.#left) one.close?.()
  }

  /** The next configuration was given up. */
  abandon(): void {
    this.#isGivenUp = true
    for (const [id, one] of this.#next) if (!this.#before.has(id)) one.close?.()
  }
}
