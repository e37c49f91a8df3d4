import type { Clock, Timers } from '@gatewright/core'
import type { LogSink } from './config/log-sink.js'
import { isPiped, openDestination, placeOf } from './destination.js'
import type { AccessLogSettings } from './settings.js'
import type { Sink } from './sink.js'
import { type LineCounts, type Reporter, Writer } from './writer.js'

/** The access log: `app.accessLog`. */
export interface AccessLogState {
  /** Lines that the destination has taken, whichever it was. */
  readonly written: number
  /** Lines that it could not take, because too much was waiting or it failed. */
  readonly dropped: number
  /**
   * Opens the file again, after another program has renamed it; lines on their way to the old one still get there. Other
   * destinations stay as they are. Throws when it cannot be opened, and the old one stays.
   */
  reopen(): void
}

/** A destination that is open. */
interface Open {
  readonly place: string | LogSink | null
  readonly piped: boolean
  readonly writer: Writer
  /** How many configurations use it. */
  users: number
}

/** The destinations of the configurations that run: each is open once, and as long as one of them uses it. */
export class Destinations implements AccessLogState, LineCounts {
  written = 0
  dropped = 0
  /** Whether there has been any. */
  used = false
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #report: Reporter
  readonly #open = new Set<Open>()
  /** Unused ones, until their last lines are written. */
  readonly #closing = new Set<Promise<void>>()

  constructor(clock: Clock, timers: Timers, report: Reporter) {
    this.#clock = clock
    this.#timers = timers
    this.#report = report
  }

  /** The destination of these settings, to be returned by {@link release}. Throws its problem. */
  acquire(settings: AccessLogSettings): Writer {
    const place = placeOf(settings)
    const piped = isPiped(settings)
    for (const one of this.#open)
      if (one.place === place && one.piped === piped) {
        one.users++
        return one.writer
      }
    const writer = new Writer(this.#clock, this.#report, this)
    const { maxBuffer } = settings
    const open = (): Sink =>
      openDestination(settings, { maxBuffer, timers: this.#timers, failed: writer.failed })
    writer.use(open(), typeof place === 'string' ? open : null)
    this.used = true
    this.#open.add({ place, piped, writer, users: 1 })
    return writer
  }

  /** One configuration less uses it; with the last one it is closed when its lines are out. */
  release(writer: Writer): void {
    for (const one of this.#open) if (one.writer === writer && --one.users === 0) this.#close(one)
  }

  reopen(): void {
    for (const { writer } of [...this.#open].reverse()) writer.reopen()
  }

  /** Waits for pending writes, for a second at most. Later lines are dropped. */
  async close(): Promise<void> {
    for (const one of this.#open) this.#close(one)
    await Promise.all(this.#closing)
  }

  #close(one: Open): void {
    this.#open.delete(one)
    const closed = one.writer.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}
