import type { Chance } from '@gatewright/core'

/** The first wait and the longest, in milliseconds. */
const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/** How long to wait until what has failed is tried again: from one second on, twice as long each time, up to a minute. */
export class AgainLater {
  readonly #chance: Chance
  readonly #longestMs: number
  #ms = FIRST_MS

  /** `chance` takes up to half of each wait off, so that many gateways do not come at one time. */
  constructor(chance: Chance, longestMs: number = LONGEST_MS) {
    this.#chance = chance
    this.#longestMs = Math.max(longestMs, FIRST_MS)
  }

  nextMs(): number {
    const ms = this.#ms
    this.#ms = Math.min(ms * 2, this.#longestMs)
    return ms * (1 - this.#chance() / 2)
  }

  /** It has worked: the next failure is the first one. */
  reset(): void {
    this.#ms = FIRST_MS
  }
}
