import { constants, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Cancel } from '@gatewright/core'
import { CLOSE_MS, type Sink, type SinkOptions } from './sink.js'

/** Two of its properties are missing in its type. */
type PinoDestination = ReturnType<typeof import('pino')['destination']> & {
  readonly destroyed: boolean
  minLength: number
}

/** How long a line may wait for others to be written with it, in milliseconds. */
const GATHER_MS = 100
/** As much is written at once, in bytes: every write costs a file system about the same. */
const FILE_BYTES = 256 * 1024
/** The same for a pipe: its capacity, so that others rarely write in the middle of a line. */
const PIPE_BYTES = 64 * 1024
/** When the process exits, how often a pipe that is full is tried again, a tenth of a second apart. */
const LAST_TRIES = 10
/** The most bytes of UTF-8 that a character of a text takes. */
const MOST_BYTES = 3
/** How many buffers are kept for reuse. */
const MOST_SPARES = 2
const NOTHING = Buffer.alloc(0)

/** Opens a file to append to; it is made with mode 0644. Throws the system's error, also for a pipe without a reader. */
export function openToAppend(path: string): number {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0), 0o644)
}

/** Lines go to a file descriptor, through pino's destination: gathered, written in the background, never waited for. */
export class FileSink implements Sink {
  readonly isStdout: boolean
  readonly #stream: PinoDestination
  readonly #options: SinkOptions
  #maxBuffer = 0
  /** How many bytes are gathered at most, but for a line that is longer. */
  #most = 0
  /** Lines that are not on their way yet: the first `#gathered` bytes of it. Text kept until later would cost more. */
  #piece: Buffer = NOTHING
  #gathered = 0
  /**
   * Buffers that were handed over, oldest first, and their unwritten bytes. They are reused: a new
   * one each time would be a few megabytes a second outside the heap, for which V8 collects the whole heap.
   */
  readonly #handedOver: { readonly piece: Buffer; left: number }[] = []
  /** Buffers to use next. */
  readonly #spares: Buffer[] = []
  /** Bytes that wait or are being written. */
  #waiting = 0
  #gathering: Cancel | null = null
  #closing = false
  /** Whether the last write has failed, and nothing is being written. */
  #stuck = false
  /** How often a pipe that is full is tried again. */
  #triesLeft = Number.POSITIVE_INFINITY

  constructor(fd: number, options: SinkOptions) {
    const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')
    this.isStdout = fd === 1
    this.#options = options
    this.resize(options.maxBuffer)
    this.#stream = pino.destination({
      dest: fd,
      sync: false,
      minLength: 1,
      maxWrite: this.#pieceBytes,
      // As text, everything that waits would be counted anew with every line. Its type knows of text alone.
      contentMode: 'buffer',
      retryEAGAIN: () => this.#triesLeft-- > 0
    }) as PinoDestination
    // Pino's own listener makes a stream without a reader lose lines silently.
    this.#stream.removeAllListeners('error')
    this.#stream.on('error', (error) => this.#failed(error))
    this.#stream.on('write', (bytes) => this.#written(bytes))
    const { flushSync } = this.#stream
    // Called by pino when the process exits: an error would be uncaught, and a full pipe may stay full.
    this.#stream.flushSync = () => {
      if (this.#triesLeft <= 0) return
      this.#triesLeft = LAST_TRIES
      try {
        // Buffers handed over now must not start to be written in the background.
        this.#stream.minLength = Number.POSITIVE_INFINITY
        this.#handOver()
        flushSync.call(this.#stream)
      } catch {}
    }
  }

  write(line: string): boolean {
    if (this.#isGone || this.#closing) return false
    const { length } = line
    if (this.#waiting + length > this.#maxBuffer) return false
    if (this.#gathered + length * MOST_BYTES > this.#piece.length) this.#nextPiece(length * MOST_BYTES)
    const bytes = this.#piece.write(line, this.#gathered)
    this.#waiting += bytes
    this.#gathered += bytes
    this.#gathering ??= this.#options.timers.after(GATHER_MS, () => this.#flush())
    return true
  }

  resize(maxBuffer: number): void {
    this.#maxBuffer = maxBuffer
    const most = Math.min(this.#pieceBytes, maxBuffer >> 1)
    if (most === this.#most) return
    this.#most = most
    // Lines gathered in a buffer of the old size are written now.
    if (this.#gathered > 0 && !this.#isGone) this.#handOver()
    this.#gathered = 0
    this.#piece = NOTHING
    this.#spares.length = 0
  }

  close(): Promise<void> {
    this.#closing = true
    if (this.#isGone) return Promise.resolve()
    this.#handOver()
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(
        CLOSE_MS,
        () => {
          // Destroying it during a write would throw uncaught; it is destroyed after the write has failed.
          this.#triesLeft = 0
          resolve()
        },
        true
      )
      this.#stream.once('close', () => {
        cancel()
        resolve()
      })
      this.#stream.end()
    })
  }

  #nextPiece(atLeast: number): void {
    this.#handOver()
    if (atLeast <= this.#piece.length) return
    const spare = atLeast <= this.#most ? this.#spares.pop() : undefined
    this.#piece = spare ?? Buffer.allocUnsafeSlow(Math.max(this.#most, atLeast))
  }

  // A nearly empty buffer is copied and kept.
  #handOver(): void {
    this.#gathering?.()
    this.#gathering = null
    const length = this.#gathered
    if (length === 0) return
    const piece = this.#piece
    const isFull = length > piece.length >> 1
    if (isFull) this.#piece = NOTHING
    this.#handedOver.push({ piece: isFull ? piece : NOTHING, left: length })
    this.#gathered = 0
    this.#stuck = false
    const bytes = piece.subarray(0, length)
    this.#stream.write((isFull ? bytes : Buffer.from(bytes)) as never)
  }

  #written(bytes: number): void {
    this.#waiting -= bytes
    for (let left = bytes; left > 0; ) {
      const oldest = this.#handedOver[0]
      if (oldest === undefined) return
      const part = Math.min(left, oldest.left)
      left -= part
      oldest.left -= part
      if (oldest.left > 0) return
      this.#handedOver.shift()
      if (oldest.piece.length === this.#most && this.#spares.length < MOST_SPARES)
        this.#spares.push(oldest.piece)
    }
  }

  #flush(): void {
    this.#gathering = null
    if (this.#isGone) return
    this.#handOver()
    if (!this.#stuck) return
    this.#stuck = false
    this.#stream.flush()
  }

  get #pieceBytes(): number {
    return this.isStdout ? PIPE_BYTES : FILE_BYTES
  }

  get #isGone(): boolean {
    return this.#stream.destroyed
  }

  // Unwritten data stays in the buffer and is retried, unless the pipe has no reader any more.
  #failed(error: Error & { readonly code?: string }): void {
    // A pipe that was given up is no news, and the app's own log may have to wait for the same one.
    if (this.#triesLeft > 0) this.#options.failed(error)
    if (this.#isGone) return
    if (this.#closing || error.code === 'EPIPE') this.#stream.destroy()
    else {
      this.#stuck = true
      this.#gathering ??= this.#options.timers.after(GATHER_MS, () => this.#flush())
    }
  }
}
