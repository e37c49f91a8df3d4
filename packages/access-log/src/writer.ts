import type { Clock } from '@gatewright/core'
import type { Sink } from './sink.js'

/** What became of the lines of a log, whatever destinations it has had. */
export interface LineCounts {
  written: number
  dropped: number
}

/** The app's own log, as far as it is needed. */
export interface Reporter {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How long it is silent about lines that were dropped, in milliseconds. */
const QUIET_MS = 10_000

/** Hands lines to one destination, counts written and dropped ones, and reports losses. Never throws. */
export class Writer {
  readonly #clock: Clock
  readonly #report: Reporter
  readonly #counts: LineCounts
  #sink: Sink | null = null
  #open: (() => Sink) | null = null
  /** It is no longer used: later lines may be dropped. */
  closed = false
  /** Those that were replaced, until their last lines are out. */
  readonly #leaving = new Set<Promise<void>>()
  /** Dropped lines that are not reported yet. */
  #untold = 0
  #droppingSince = 0
  #quietUntil = Number.NEGATIVE_INFINITY
  #hasFailed = false
  #isFull = false

  constructor(clock: Clock, report: Reporter, counts: LineCounts) {
    this.#clock = clock
    this.#report = report
    this.#counts = counts
  }

  /** Where lines go from now on; before, they are dropped. `open` opens the same again, where that makes sense. */
  use(sink: Sink, open: (() => Sink) | null): void {
    this.#sink = sink
    this.#open = open
  }

  /** Opens the same again, where that makes sense. Throws when that fails, and nothing changes. */
  reopen(): void {
    const before = this.#sink
    if (this.#open === null || before === null) return
    this.#sink = this.#open()
    const left = before.close().finally(() => this.#leaving.delete(left))
    this.#leaving.add(left)
  }

  /** From now on so many bytes may wait. */
  resize(maxBuffer: number): void {
    this.#sink?.resize(maxBuffer)
  }

  write(line: string): void {
    let taken = false
    try {
      taken = this.#sink?.write(line) ?? false
    } catch (error) {
      this.failed(error)
    }
    this.#isFull = !taken
    if (taken) this.#counts.written++
    else {
      this.#counts.dropped++
      if (this.#untold++ === 0) this.#droppingSince = this.#clock()
    }
    if (this.#untold > 0) this.#reportWhenDue()
  }

  /** Receives errors of the sink; only the first one is logged. */
  readonly failed = (error: unknown): void => {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#report.error({ err: error }, 'the access log cannot be written')
  }

  /** Waits for pending writes, for a second at most. Later lines are dropped. */
  async close(): Promise<void> {
    this.closed = true
    // A server is closed a turn before the connections that were cut off say so, and their requests with them.
    for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate)
    await Promise.all([this.#sink?.close(), ...this.#leaving])
    if (this.#untold > 0 && this.#mayTell) this.#tell()
  }

  // While standard output is full, the app's own log would wait for it, and every request with it.
  get #mayTell(): boolean {
    return !this.#isFull || this.#sink?.isStdout === false
  }

  #reportWhenDue(): void {
    if (!this.#mayTell) return
    const now = this.#clock()
    if (now < this.#quietUntil || (this.#isFull && now - this.#droppingSince < QUIET_MS)) return
    this.#quietUntil = now + QUIET_MS
    this.#tell()
  }

  #tell(): void {
    this.#report.warn({ dropped: this.#untold }, 'lines of the access log were dropped')
    this.#untold = 0
  }
}
