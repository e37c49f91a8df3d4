import type { Clock } from '@gatewright/core'

/** How many old ones are looked at when a new one comes. */
const LOOKS = 8

/** Signatures that were taken, each until its time is over: none is taken twice. Bounded, and never forgets one before. */
export class Replays {
  readonly #clock: Clock
  #most = 0
  /** In the order in which they came, which is about that in which they end. */
  readonly #untilMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** At most so many from now on. */
  use(most: number): void {
    this.#most = most
  }

  /** How many are remembered. */
  get size(): number {
    return this.#untilMs.size
  }

  /** Takes a signature for so long: `taken`, `replayed` where it was taken before, `full` where it could not be remembered. */
  take(signature: string, ms: number): 'taken' | 'replayed' | 'full' {
    const now = this.#clock()
    const before = this.#untilMs.get(signature)
    if (before !== undefined && before > now) return 'replayed'
    this.#forget(now)
    if (before === undefined && this.#untilMs.size >= this.#most) return 'full'
    this.#untilMs.delete(signature)
    this.#untilMs.set(signature, now + ms)
    return 'taken'
  }

  #forget(now: number): void {
    let looks = LOOKS
    for (const [signature, untilMs] of this.#untilMs) {
      if (untilMs > now || looks-- === 0) return
      this.#untilMs.delete(signature)
    }
  }
}
