/** So many faults in a row are no accident. */
const NO_ACCIDENT = 5

/** What a single fault adds at most, however long ago the last attempt was. */
const MOST_PER_FAULT = 0.01

/** How many of an endpoint's attempts fail: a share that fades, from 0 to 1. Pure: time is passed in. */
export class FaultShare {
  #share = 0
  #at = 0
  // Of an endpoint that has never worked, one fault says enough.
  #inARow = NO_ACCIDENT - 1

  /** Its value decayed to `now`: it falls to 37 % in `decayMs`. */
  valueAt(now: number, decayMs: number): number {
    return this.#share === 0 ? 0 : this.#share * Math.exp((this.#at - now) / decayMs)
  }

  /** Counts an ended attempt, weighted by the time since the last one within bounds; five faults in a row count fully. */
  count(fault: boolean, now: number, decayMs: number): void {
    const kept = Math.exp((this.#at - now) / decayMs)
    this.#at = now
    this.#inARow = fault ? this.#inARow + 1 : 0
    if (this.#inARow >= NO_ACCIDENT) this.#share = 1
    else this.#share = this.#share * kept + (fault ? Math.min(1 - kept, MOST_PER_FAULT) : 0)
  }
}
