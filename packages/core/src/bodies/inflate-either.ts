import { Transform, type TransformCallback } from 'node:stream'
import zlib from 'node:zlib'
import { refusingTrailing } from './trailing-bytes.js'

const EMPTY = Buffer.alloc(0)

/** Whether bytes of `deflate` have the wrapper of zlib (RFC 1950), which has a checksum over its first two bytes. Many servers leave it out. */
export function isWrapped([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}

/** Takes `deflate` off, with the wrapper or without it. */
export class InflateEither extends Transform {
  #inner: zlib.Inflate | zlib.InflateRaw | null = null
  #first: Buffer = EMPTY

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#inner !== null) {
      this.#inner.write(chunk, done)
      return
    }
    this.#first = Buffer.concat([this.#first, chunk])
    if (this.#first.length < 2) done()
    else this.#chosen().write(this.#first, done)
  }

  override _flush(done: TransformCallback): void {
    const inner = this.#inner ?? this.#chosen()
    if (this.#first.length < 2) inner.write(this.#first)
    inner.once('end', () => done())
    inner.end()
  }

  override _read(size: number): void {
    this.#inner?.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inner?.destroy()
    super._destroy(error, callback)
  }

  #chosen(): zlib.Inflate | zlib.InflateRaw {
    const inner = refusingTrailing(isWrapped(this.#first) ? zlib.createInflate() : zlib.createInflateRaw())
    inner.on('error', (error) => this.destroy(error))
    inner.on('data', (data) => {
      if (!this.push(data)) inner.pause()
    })
    this.#inner = inner
    return inner
  }
}
