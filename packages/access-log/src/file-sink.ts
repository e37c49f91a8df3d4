import { constants, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Cancel } from '@gatewright/core'
import { CLOSE_MS, type Sink, type SinkOptions } from './sink.js'

type PinoDestination = ReturnType<typeof import('pino')['destination']>

/** How long a line may wait for others to be written with it, in milliseconds. */
const GATHER_MS = 100
/** From how much on they are written at once, in bytes. */
const GATHER_BYTES = 16 * 1024
/** How much is written in one piece, in bytes: what a pipe holds, so that others rarely write in the middle of a line. */
const PIPE_BYTES = 64 * 1024
/** The same for a file. One piece is under way at a time, and is over in the next turn of a busy process at best. */
const FILE_BYTES = 512 * 1024
/** When the process exits, how often a pipe that is full is tried again, a tenth of a second apart. */
const LAST_TRIES = 10

/** Opens a file to append to; it is made with mode 0644. Throws what the system says, also for a pipe nobody reads. */
export function openToAppend(path: string): number {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0), 0o644)
}

/** Lines go to a file descriptor, through pino's destination: gathered, written in the background, never waited for. */
export class FileSink implements Sink {
  readonly isStdout: boolean
  readonly #stream: PinoDestination
  readonly #options: SinkOptions
  /** Bytes that wait, or are being written. */
  #waiting = 0
  #gathering: Cancel | null = null
  #closing = false
  /** How often a pipe that is full is tried again. */
  #triesLeft = Number.POSITIVE_INFINITY

  constructor(fd: number, options: SinkOptions) {
    const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')
    this.isStdout = fd === 1
    this.#options = options
    this.#stream = pino.destination({
      dest: fd,
      sync: false,
      minLength: GATHER_BYTES,
      maxWrite: this.isStdout ? PIPE_BYTES : FILE_BYTES,
      // As text, everything that waits would be counted anew with every line. Its type knows of text alone.
      contentMode: 'buffer',
      retryEAGAIN: () => this.#triesLeft-- > 0
    })
    // Pino's own listener makes a stream whose reader has gone lose lines without a word.
    this.#stream.removeAllListeners('error')
    this.#stream.on('error', (error) => this.#failed(error))
    this.#stream.on('write', (bytes) => {
      this.#waiting -= bytes
    })
    // A flush while a piece is being written does nothing.
    this.#stream.on('drain', () => {
      if (this.#waiting > 0 && this.#gathering === null) this.#flush()
    })
    const { flushSync } = this.#stream
    // Called by pino when the process exits: nobody catches what it throws, and a full pipe may stay so.
    this.#stream.flushSync = () => {
      if (this.#triesLeft <= 0) return
      this.#triesLeft = LAST_TRIES
      try {
        flushSync.call(this.#stream)
      } catch {}
    }
  }

  write(line: string): boolean {
    if (this.#isGone || this.#closing) return false
    const bytes = Buffer.from(line)
    if (this.#waiting + bytes.length > this.#options.maxBuffer) return false
    this.#waiting += bytes.length
    this.#stream.write(bytes as never)
    this.#gather()
    return true
  }

  close(): Promise<void> {
    this.#closing = true
    this.#gathering?.()
    if (this.#isGone) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(
        CLOSE_MS,
        () => {
          // To destroy it while it writes would throw where nobody catches it; it is destroyed when that has failed.
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

  #gather(): void {
    this.#gathering ??= this.#options.timers.after(GATHER_MS, () => {
      this.#gathering = null
      this.#flush()
    })
  }

  #flush(): void {
    if (!this.#isGone) this.#stream.flush()
  }

  get #isGone(): boolean {
    return (this.#stream as PinoDestination & { readonly destroyed: boolean }).destroyed
  }

  // What could not be written stays in the buffer and is tried again, unless there is nobody to read it any more.
  #failed(error: Error & { readonly code?: string }): void {
    // A pipe that was given up is no news, and the app's own log may have to wait for the same one.
    if (this.#triesLeft > 0) this.#options.failed(error)
    if (!this.#isGone && (this.#closing || error.code === 'EPIPE')) this.#stream.destroy()
  }
}
