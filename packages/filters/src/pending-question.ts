import type { Cancellable, Exchange } from '@gatewright/core'
import { asError } from './as-error.js'
import type { Asked, Said } from './backend.js'

/** A question that is given up when its client leaves. */
export class PendingQuestion implements Cancellable {
  readonly #exchange: Exchange
  readonly #before: Cancellable | null
  readonly #gone: () => void
  #asked: Asked | null = null
  #isOver = false

  /** `gone` is called when it was given up. */
  constructor(exchange: Exchange, gone: () => void) {
    this.#exchange = exchange
    this.#before = exchange.inProgress
    this.#gone = gone
    exchange.inProgress = this
  }

  /** Asks. `said` is called once, maybe at once, and not when it was given up; also with what is thrown by asking. */
  ask<Decision>(begin: (said: Said<Decision>) => Asked, said: Said<Decision>): void {
    let asked: Asked
    try {
      asked = begin((error, decision) => {
        if (this.#end()) said(error, decision)
      })
    } catch (error) {
      // Where the answer has come already, it is of what came after it.
      if (!this.#end()) throw error
      said(asError(error), null)
      return
    }
    if (!this.#isOver) this.#asked = asked
  }

  // The answer has come. False: nobody waits for it.
  #end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    if (this.#exchange.inProgress === this) this.#exchange.inProgress = this.#before
    return true
  }

  clientGone(): void {
    if (!this.#end()) return
    this.#asked?.cancel()
    this.#gone()
    this.#before?.clientGone()
  }
}
