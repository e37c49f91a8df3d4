import { write, writeSync } from 'node:fs'
import { processTimers } from '@gatewright/core'

/** Characters that may wait; lines beyond are dropped. */
const MOST_WAITING = 1024 * 1024
/** When a pipe that is full is tried again, in milliseconds. */
const AGAIN_MS = 50

/**
 * An open file, such as the standard output, for the lines of a log. Writing never waits, never throws and never ends the
 * process: where the disk is full or the reader has gone, lines are lost, and later ones are tried again. Pino's own destination
 * would end the process with the error.
 */
export class LogOutput {
  readonly #fd: number
  #waiting = ''
  /** What is being written. */
  #piece: Buffer | null = null
  /** Whether that waits for a pipe to have room. */
  #isHeldUp = false
  readonly #atExit = (): void => this.#writeRest()

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Takes a line; `false` when it is dropped, as too much is waiting. */
  write(line: string): boolean {
    if (this.#waiting.length + line.length > MOST_WAITING) return false
    this.#waiting += line
    if (this.#piece !== null) return true
    process.on('exit', this.#atExit)
    this.#next()
    return true
  }

  #next(): void {
    this.#piece = this.#waiting === '' ? null : Buffer.from(this.#waiting)
    this.#waiting = ''
    if (this.#piece === null) process.off('exit', this.#atExit)
    else this.#put(this.#piece)
  }

  #put(piece: Buffer): void {
    this.#isHeldUp = false
    write(this.#fd, piece, (error, written) => {
      if (error?.code === 'EAGAIN') {
        this.#isHeldUp = true
        processTimers.after(AGAIN_MS, () => this.#put(piece))
        return
      }
      if (error !== null || written === piece.length) this.#next()
      else {
        this.#piece = piece.subarray(written)
        this.#put(this.#piece)
      }
    })
  }

  // What is being written in the background gets there by itself.
  #writeRest(): void {
    const pieces = [this.#isHeldUp ? (this.#piece ?? '') : '', this.#waiting]
    try {
      for (const piece of pieces) if (piece.length > 0) writeSync(this.#fd, piece as string)
    } catch {
      // It is full, or has no reader.
    }
  }
}
