import { Transform, type TransformCallback } from 'node:stream'
import { FREE_BYTES, type GatewayError, JsonTextError, jsonText, nextTurn } from '@gatewright/core'
import { dataOf, EventSplitter, withData } from './event-splitter.js'
import type { JsonEditor } from './json-editor.js'
import { LineSplitter } from './line-splitter.js'
import { JsonTooLargeError } from './too-large.js'
import type { BodyLimits } from './whole-body.js'

/** Bytes before their content coding was taken off. */
export interface Encoded {
  bytes: number
}

/** Characters that are put together before they are given on: thousands of tiny pieces would each be written apart. */
const MOST_AT_ONCE = 64 * 1024

/** Bytes and characters that are dealt with before others get their turn: some milliseconds. */
const MOST_PER_TURN = 64 * 1024

/** Cuts what comes, and changes each piece. */
interface Pieces {
  of(chunk: Buffer): Iterable<string | Promise<string>>
  rest(): Iterable<string | Promise<string>>
}

/**
 * Changes the JSON of each line, or of each event, on its way. Pieces go on as soon as they are complete. `encoded` is
 * what has come before decoding; `null` where nothing was decoded. `failed` makes an error the answer.
 */
export class TextStream extends Transform {
  readonly #pieces: Pieces
  readonly #encoded: Encoded | null
  readonly #limits: BodyLimits
  readonly #failed: (error: unknown) => GatewayError | Error
  #decoded = 0
  /** What has been dealt with since others had their turn: a source that is fast enough would leave them none. */
  #sinceTurn = 0
  /** Goes on with the pieces that are left, when the reader wants more. */
  #goOn: (() => void) | null = null

  constructor(
    pieces: Pieces,
    encoded: Encoded | null,
    limits: BodyLimits,
    failed: (error: unknown) => GatewayError | Error
  ) {
    super()
    this.#pieces = pieces
    this.#encoded = encoded
    this.#limits = limits
    this.#failed = failed
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#decoded += chunk.length
    this.#sinceTurn += chunk.length
    const { maxRatio } = this.#limits
    if (this.#encoded !== null && this.#decoded > Math.max(FREE_BYTES, this.#encoded.bytes * maxRatio))
      done(this.#failed(new JsonTooLargeError()))
    else this.#pass(() => this.#pieces.of(chunk), done)
  }

  override _flush(done: TransformCallback): void {
    this.#pass(() => this.#pieces.rest(), done)
  }

  override _read(size: number): void {
    this.#wake()
    super._read(size)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wake()
    super._destroy(error, callback)
  }

  #wanted(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve
    })
  }

  #wake(): void {
    const goOn = this.#goOn
    this.#goOn = null
    goOn?.()
  }

  #pass(pieces: () => Iterable<string | Promise<string>>, done: TransformCallback): void {
    this.#push(pieces).then(
      () => done(),
      (error) => done(this.#failed(error))
    )
  }

  async #push(pieces: () => Iterable<string | Promise<string>>): Promise<void> {
    let ready = ''
    // Small pieces may become large ones: they wait for the reader.
    const give = async (): Promise<void> => {
      const text = ready
      ready = ''
      if (text !== '' && !this.push(text) && !this.destroyed) await this.#wanted()
    }
    for (const piece of pieces()) {
      if (this.destroyed) return
      // What is there does not wait for a function.
      if (typeof piece !== 'string') await give()
      const text = typeof piece === 'string' ? piece : await piece
      if (text.length > this.#limits.maxBytes) throw new JsonTooLargeError()
      ready += text
      this.#sinceTurn += text.length
      if (ready.length > MOST_AT_ONCE) await give()
      if (this.#sinceTurn >= MOST_PER_TURN) {
        this.#sinceTurn = 0
        await nextTurn()
      }
    }
    if (ready !== '') this.push(ready)
  }
}

/** The pieces of NDJSON: each line is a JSON text, or empty. */
export function linesOf(editor: JsonEditor, maxBytes: number): Pieces {
  const splitter = new LineSplitter(maxBytes)
  const edited = (line: Buffer): string | Promise<string> => {
    const text = jsonText(line)
    if (text.trim() === '') return text
    const change = editor.edit(text)
    const end = text.endsWith('\r\n') ? '\r\n' : text.endsWith('\n') ? '\n' : ''
    const written = (one: string | null): string =>
      one === null ? text : one.replaceAll(/[\r\n]/g, ' ') + end
    return change instanceof Promise ? change.then(written) : written(change)
  }
  return {
    *of(chunk) {
      for (const line of splitter.lines(chunk)) yield edited(line)
    },
    *rest() {
      const line = splitter.rest()
      if (line !== null) yield edited(line)
    }
  }
}

// The beginning of an object, or of a list of objects, lists or strings.
const LIKE_JSON = /^\s*(?:\{|\[\s*[{["])/

/** The pieces of an event stream. Data that is no JSON and does not look like it, such as `[DONE]`, stays as it is. */
export function eventsOf(editor: JsonEditor, maxBytes: number): Pieces {
  const splitter = new EventSplitter(maxBytes)
  const edited = (event: string): string | Promise<string> => {
    const data = dataOf(event)
    if (data === null) return event
    try {
      const change = editor.edit(data)
      const written = (one: string | null): string => (one === null ? event : withData(event, one))
      return change instanceof Promise ? change.then(written) : written(change)
    } catch (error) {
      if (error instanceof JsonTextError && !LIKE_JSON.test(data)) return event
      throw error
    }
  }
  return {
    *of(chunk) {
      for (const event of splitter.events(chunk)) yield edited(event)
    },
    *rest() {
      const event = splitter.rest()
      if (event !== null) yield edited(event)
    }
  }
}
