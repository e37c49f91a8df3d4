import { pipeline, type Readable, Writable } from 'node:stream'
import { type Coding, createEncoder, type Encoder } from './encoders.js'

/**
 * A body, compressed as it comes: what has come is given out whenever the source pauses, so that nothing waits for more. The
 * end of either is the end of both: a source that breaks off leaves a body that breaks off, and a reader that leaves ends the
 * source.
 */
export function compressedStream(source: Readable, coding: Coding, level: number, bytes: number): Readable {
  const { encoder, flushKind } = createEncoder(coding, level, bytes)
  pipeline(source, new Feed(encoder, flushKind), (error) => {
    if (error) encoder.destroy(error)
  })
  encoder.once('close', () => source.destroy())
  return encoder
}

/** Hands chunks to a compressor, one at a time. */
class Feed extends Writable {
  readonly #encoder: Encoder
  readonly #flushKind: number

  constructor(encoder: Encoder, flushKind: number) {
    super()
    this.#encoder = encoder
    this.#flushKind = flushKind
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#encoder.write(chunk, (error) => {
      // Nothing else is here: what the compressor holds back could wait for long.
      if (!error && !this.writableEnded && this.writableLength <= chunk.length)
        this.#encoder.flush(this.#flushKind)
      done(error)
    })
  }

  override _final(done: () => void): void {
    this.#encoder.end()
    done()
  }
}
