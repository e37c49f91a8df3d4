import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream'

/** A stream on its way that is looked at when it is complete: each piece goes on at once. */
export class Collected extends Transform {
  readonly #most: number
  readonly #seen: (bytes: Buffer | null) => void
  #chunks: Buffer[] = []
  #bytes = 0

  /** `seen` is called once with the whole, or with `null` for more than `most` bytes; never for one that breaks off. */
  constructor(source: Readable, most: number, seen: (bytes: Buffer | null) => void) {
    super()
    this.#most = most
    this.#seen = seen
    // Each ends the other; what is wrong is told by both.
    pipeline(source, this, () => {})
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#most) this.#chunks = []
    else this.#chunks.push(Buffer.from(chunk))
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    this.#seen(this.#bytes > this.#most ? null : Buffer.concat(this.#chunks))
    done()
  }
}
