import type { Cancellable, Exchange } from '@gatewright/core'
import type { Asked } from './backend.js'

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

  /** It is under way. An answer may have come already. */
  begin(asked: Asked): void {
    if (this.#isOver) return
    this.#asked = asked
  }

  /** The answer has come. False: nobody waits for it. */
  end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    if (this.#exchange.inProgress === this) this.#exchange.inProgress = this.#before
    return true
  }

  clientGone(): void {
    if (!this.end()) return
    this.#asked?.cancel()
    this.#gone()
    this.#before?.clientGone()
  }
}
