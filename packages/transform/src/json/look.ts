import { type BodyWatcher, CollectingWatcher, type Exchange, GatewayError, toldError } from '@gatewright/core'
import type { Direction } from '../template/variables.js'
import type { BodyHead } from './body-head.js'
import { JsonEditor } from './json-editor.js'
import type { ValueSource } from './json-template.js'
import type { JsonObserver } from './observing.js'
import { answerFor, tooLarge } from './problem.js'
import type { JsonSettings } from './settings.js'
import { type Chain, chainOf } from './stream-chain.js'
import { editBody } from './whole-body.js'

/** Looks at a body on its way: applies operations to a copy of it, and tells what they would have done. */
export class Look {
  readonly #settings: JsonSettings
  readonly #exchange: Exchange
  readonly #message: Direction
  readonly #observer: JsonObserver
  readonly #editor: JsonEditor

  constructor(
    settings: JsonSettings,
    exchange: Exchange,
    answer: ValueSource['answer'],
    observer: JsonObserver
  ) {
    this.#settings = settings
    this.#exchange = exchange
    this.#message = answer === null ? 'request' : 'response'
    this.#observer = observer
    this.#editor = new JsonEditor(settings.operations, settings.maxBytes, exchange, answer)
  }

  /** What is told of the body. `most`: its largest size, as it is sent. */
  watcher({ kind, codings }: BodyHead, most: number): BodyWatcher {
    if (kind !== 'json')
      return new StreamLook(() => this.#chain(kind, codings), this.#settings.maxBytes, this)
    return new CollectingWatcher(most, (bytes) => {
      if (bytes === null) this.failed(tooLarge(this.#message, most))
      else this.whole(bytes, codings)
    })
  }

  /** A body that is there. */
  whole(bytes: Buffer, codings: readonly string[]): void {
    if (bytes.length === 0) return
    try {
      const changed = editBody(bytes, codings, this.#settings, this.#editor)
      if (changed instanceof Promise) changed.then(() => this.looked()).catch((error) => this.failed(error))
      else this.looked()
    } catch (error) {
      this.failed(error)
    }
  }

  looked(): void {
    const { changed, edited } = this.#editor
    this.#observer.looked(this.#exchange, this.#message, changed, edited)
  }

  failed(error: unknown): void {
    const answer = answerFor(error, this.#message, this.#settings.maxBytes)
    const failure =
      answer instanceof GatewayError
        ? answer
        : new GatewayError('internal_error', { detail: toldError(answer), cause: answer })
    this.#observer.failed(this.#exchange, this.#message, failure)
  }

  unchecked(because: string): void {
    this.#observer.unchecked(this.#exchange, this.#message, because)
  }

  #chain(kind: 'lines' | 'events', codings: readonly string[]): Chain {
    return chainOf({
      kind,
      codings,
      recodes: false,
      limits: this.#settings,
      editor: this.#editor,
      failed: (error) => error as Error
    })
  }
}

/** Looks at lines or events. The body does not wait for it: where it comes faster than it can be looked at, the look ends. */
class StreamLook implements BodyWatcher {
  readonly #make: () => Chain
  readonly #most: number
  readonly #look: Look
  #chain: Chain | null = null
  #isOver = false

  constructor(make: () => Chain, most: number, look: Look) {
    this.#make = make
    this.#most = most
    this.#look = look
  }

  chunk(bytes: Buffer): void {
    if (this.#isOver) return
    const { first } = this.#started()
    first.write(Buffer.from(bytes))
    if (first.writableLength <= this.#most + bytes.length) return
    this.cut()
    this.#look.unchecked('it comes faster than it can be looked at')
  }

  end(): void {
    if (!this.#isOver) this.#started().first.end()
  }

  cut(): void {
    this.#isOver = true
    this.#chain?.last.destroy()
    this.#chain?.first.destroy()
  }

  #started(): Chain {
    if (this.#chain !== null) return this.#chain
    const chain = this.#make()
    this.#chain = chain
    chain.last
      .on('error', (error) => {
        if (this.#isOver) return
        this.cut()
        this.#look.failed(error)
      })
      .on('end', () => {
        if (!this.#isOver) this.#look.looked()
      })
      .resume()
    return chain
  }
}
