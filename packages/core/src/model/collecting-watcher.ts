import type { BodyWatcher } from './watch-body.js'

/** Copies a body on its way: `seen` is called once with the whole, or with `null` for more than `most` bytes; never for one that breaks off. */
export class CollectingWatcher implements BodyWatcher {
  readonly #most: number
  readonly #seen: (bytes: Buffer | null) => void
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(most: number, seen: (bytes: Buffer | null) => void) {
    this.#most = most
    this.#seen = seen
  }

  chunk(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.#bytes > this.#most) this.#chunks = []
    else this.#chunks.push(Buffer.from(bytes))
  }

  end(): void {
    const chunks = this.#chunks
    this.#chunks = []
    this.#seen(this.#bytes > this.#most ? null : Buffer.concat(chunks))
  }

  cut(): void {
    this.#chunks = []
  }
}
