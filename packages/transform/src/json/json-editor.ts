import { type Exchange, parseJsonText, pluginFault } from '@gatewright/core'
import { exactText } from './exact-text.js'
import { exactValue } from './exact-value.js'
import type { ValueSource } from './json-template.js'
import { JsonValue } from './json-value.js'
import type { CompiledOperation } from './operations.js'
import { JsonTooLargeError } from './too-large.js'

/** Applies operations to JSON texts, for one request or response. */
export class JsonEditor {
  readonly #operations: readonly CompiledOperation[]
  readonly #maxBytes: number
  readonly #exchange: Exchange
  readonly #source: ValueSource
  /** How many texts it was given, and found to be JSON. */
  edited = 0
  /** How many of them operations have changed. */
  changed = 0

  constructor(
    operations: readonly CompiledOperation[],
    maxBytes: number,
    exchange: Exchange,
    answer: ValueSource['answer']
  ) {
    this.#operations = operations
    this.#maxBytes = maxBytes
    this.#exchange = exchange
    this.#source = { request: exchange, answer }
  }

  /**
   * The text after all operations; `null` where none changes anything. Throws `JsonTextError` for what is no JSON, and
   * {@link JsonTooLargeError}; what a function throws becomes an answer.
   */
  edit(text: string): string | null | Promise<string | null> {
    parseJsonText(text)
    this.edited++
    const change = this.#from(new JsonValue(text.trim()), 0, false)
    return change instanceof Promise ? change.then((later) => this.#counted(later)) : this.#counted(change)
  }

  #counted(change: string | null): string | null {
    if (change !== null) this.changed++
    return change
  }

  #from(given: JsonValue, at: number, isChanged: boolean): string | null | Promise<string | null> {
    let value = given
    let changed = isChanged
    for (let index = at; index < this.#operations.length; index++) {
      const operation = this.#operations[index] as CompiledOperation
      if (operation.kind === 'function')
        return this.#call(operation.change, value).then((text) =>
          this.#from(new JsonValue(text), index + 1, true)
        )
      const edited = operation.apply(value, this.#source)
      if (edited === null) continue
      value = edited
      changed = true
    }
    return changed ? this.#textOf(value) : null
  }

  async #call(change: (value: unknown, exchange: Exchange) => unknown, value: JsonValue): Promise<string> {
    const input = exactValue(this.#textOf(value))
    const whose = `the JSON transform of route '${this.#exchange.route?.id ?? ''}'`
    try {
      const output = await change(input, this.#exchange)
      const text = exactText(output === undefined ? input : output)
      if (text === undefined) throw new TypeError('it returned no JSON value')
      return text
    } catch (error) {
      throw pluginFault(whose, error)
    }
  }

  #textOf(value: JsonValue): string {
    const pieces: string[] = []
    value.write(pieces)
    let bytes = 0
    for (const piece of pieces) {
      bytes += piece.length
      if (bytes > this.#maxBytes) throw new JsonTooLargeError()
    }
    return pieces.join('')
  }
}
