import { JsonTooLargeError } from './too-large.js'

const LF = 0x0a

/**
 * Cuts chunks of bytes into lines, wherever the chunks begin and end: a line break is never part of a character of UTF-8. Holds no
 * more than one line of at most `maxBytes`.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #held: Buffer[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in this chunk, each with its LF. Throws {@link JsonTooLargeError}. */
  *lines(chunk: Buffer): Iterable<Buffer> {
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      yield this.#taken(chunk.subarray(start, end + 1))
      start = end + 1
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
  }

  /** What is left behind the last line; `null` for nothing. */
  rest(): Buffer | null {
    return this.#bytes === 0 ? null : this.#taken(Buffer.alloc(0))
  }

  #hold(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#bytes > this.#maxBytes) throw new JsonTooLargeError()
    // The chunk may be read into again.
    this.#held.push(Buffer.from(piece))
  }

  #taken(piece: Buffer): Buffer {
    if (this.#bytes + piece.length > this.#maxBytes) throw new JsonTooLargeError()
    const line = this.#bytes === 0 ? piece : Buffer.concat([...this.#held, piece])
    this.#held = []
    this.#bytes = 0
    return line
  }
}
