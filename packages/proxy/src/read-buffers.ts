import type { OnReadOpts, Socket } from 'node:net'

/** As much as Node reads at once. */
const SIZE = 64 * 1024
/** A read of less is copied out, so that it does not hold a whole buffer. */
const SMALL = 16 * 1024
/** Most buffers kept for later: 8 MiB. */
const MOST_FREE = 128

const kBuffer: unique symbol = Symbol('gatewright.read-buffer')

class ReadBuffer {
  readonly bytes = Buffer.allocUnsafeSlow(SIZE)
  /** Where the bytes of the last read end; 0 while the buffer is free. */
  end = 0

  constructor() {
    ;(this.bytes.buffer as Marked)[kBuffer] = this
  }
}

type Marked = ArrayBufferLike & { [kBuffer]?: ReadBuffer }

/**
 * Buffers that upstream sockets read into, used again once a client's socket has taken their bytes. Left alone, Node
 * makes a new one for every read; V8 counts them as memory in use and collects the whole heap again and again.
 *
 * A buffer is returned with the body chunk that reaches the end of the read: by then the parser has passed all
 * of it, and earlier chunks were written before. A chunk that is retained elsewhere is not returned: the garbage collector takes it.
 */
export class ReadBuffers {
  readonly #free: ReadBuffer[] = []
  /** Sockets that have read little share it: a read and its callback are one step. */
  readonly #shared = Buffer.allocUnsafeSlow(SIZE)

  /** Makes the option of `net.connect` by which one socket reads into these. */
  onread(): OnReadOpts {
    const buffers = this
    let own: ReadBuffer | null = null
    return {
      buffer: () => own?.bytes ?? buffers.#shared,
      callback(this: Socket, size: number, read: Uint8Array): boolean {
        const buffer = own
        if (size < SMALL) {
          const copy = Buffer.allocUnsafe(size)
          copy.set(read.subarray(0, size))
          own = null
          if (buffer !== null) buffers.#putBack(buffer)
          return this.push(copy)
        }
        own = buffers.#take()
        if (buffer !== null) return this.push(filled(buffer, size))
        const other = buffers.#take()
        other.bytes.set(read.subarray(0, size))
        return this.push(filled(other, size))
      }
    } as OnReadOpts
  }

  /** A client's socket has taken the chunk. Chunks of one body must come in their order. */
  release(chunk: Buffer): void {
    const buffer = (chunk.buffer as Marked)[kBuffer]
    if (buffer !== undefined && buffer.end === chunk.byteOffset + chunk.length) this.#putBack(buffer)
  }

  #take(): ReadBuffer {
    return this.#free.pop() ?? new ReadBuffer()
  }

  #putBack(buffer: ReadBuffer): void {
    buffer.end = 0
    if (this.#free.length < MOST_FREE) this.#free.push(buffer)
  }
}

function filled(buffer: ReadBuffer, size: number): Buffer {
  buffer.end = size
  return buffer.bytes.subarray(0, size)
}
