import type { LogSink } from './config/log-sink.js'
import { CLOSE_MS, type Sink, type SinkOptions } from './sink.js'

/** What a Writable has beside `write`, none of which an object of a user's own must have. */
interface Stream extends LogSink {
  readonly writable?: boolean
  /** Bytes that wait in it. */
  readonly writableLength?: number
  write(line: string, written?: () => void): unknown
  on?(event: 'error', listener: (error: unknown) => void): unknown
  once?(event: 'drain', listener: () => void): unknown
  off?(event: string, listener: unknown): unknown
}

/** Lines go to a Writable, a terminal, or any object with `write`, one by one. It is not ended: it belongs to others. */
export class StreamSink implements Sink {
  readonly isStdout: boolean
  readonly #stream: Stream
  readonly #options: SinkOptions
  #maxBuffer: number
  /** What waits in an object that does not say so itself: promised, or written since it asked to stop. */
  #unread = 0
  #stopped = false

  constructor(stream: LogSink, options: SinkOptions) {
    this.#stream = stream as Stream
    this.#options = options
    this.#maxBuffer = options.maxBuffer
    this.isStdout = stream === process.stdout
    // Without a listener an error of the stream, such as EPIPE, would end the process.
    this.#stream.on?.('error', options.failed)
  }

  write(line: string): boolean {
    const stream = this.#stream
    if (stream.writable === false) return false
    const waiting = stream.writableLength ?? this.#unread
    if (waiting > 0 && waiting + line.length > this.#maxBuffer) return false
    const result = stream.write(line)
    if (result instanceof Promise) result.catch(this.#options.failed)
    if (stream.writableLength === undefined) this.#count(line.length, result)
    return true
  }

  resize(maxBuffer: number): void {
    this.#maxBuffer = maxBuffer
  }

  async close(): Promise<void> {
    const stream = this.#stream
    if (stream.writable !== false && (stream.writableLength ?? 0) > 0)
      await new Promise<void>((resolve) => {
        const cancel = this.#options.timers.after(CLOSE_MS, resolve, true)
        stream.write('', () => {
          cancel()
          resolve()
        })
      })
    stream.off?.('error', this.#options.failed)
  }

  #count(length: number, result: unknown): void {
    if (result instanceof Promise) {
      this.#unread += length
      const done = (): void => {
        this.#unread -= length
      }
      result.then(done, done)
    } else if (result === false && !this.#stopped && this.#stream.once !== undefined) {
      this.#stopped = true
      this.#stream.once('drain', () => {
        this.#stopped = false
        this.#unread = 0
      })
    }
    if (this.#stopped) this.#unread += length
  }
}
