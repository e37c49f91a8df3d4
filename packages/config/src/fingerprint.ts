import { createHash } from 'node:crypto'

/** What files said, in one name: the same for the same contents of the same files, those that they refer to included. */
export class Fingerprint {
  readonly #parts = new Map<string, string>()

  add(path: string, content: string): void {
    this.#parts.set(path, content)
  }

  get value(): string {
    const hash = createHash('sha256')
    for (const [path, content] of [...this.#parts].sort())
      hash.update(`${path}\0${content.length}\0${content}`)
    return hash.digest('hex')
  }
}
