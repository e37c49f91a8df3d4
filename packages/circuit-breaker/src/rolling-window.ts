const BUCKETS = 10

/** Counts of a window; `faults` and `slow` are included in `total`. */
export interface WindowCounts {
  readonly total: number
  readonly faults: number
  readonly slow: number
}

/** Counts over a rolling time window, in ten buckets. Pure: time is passed in, in milliseconds. */
export class RollingWindow {
  readonly #bucketMs: number
  readonly #totals = new Uint32Array(BUCKETS)
  readonly #faults = new Uint32Array(BUCKETS)
  readonly #slow = new Uint32Array(BUCKETS)
  #bucket = 0
  total = 0
  faults = 0
  slow = 0

  /** `windowMs` from 1. */
  constructor(windowMs: number) {
    this.#bucketMs = Math.max(1, windowMs / BUCKETS)
  }

  add(fault: boolean, slow: boolean, now: number): void {
    this.moveTo(now)
    const place = this.#bucket % BUCKETS
    this.#totals[place] = (this.#totals[place] as number) + 1
    this.total++
    if (fault) {
      this.#faults[place] = (this.#faults[place] as number) + 1
      this.faults++
    }
    if (slow) {
      this.#slow[place] = (this.#slow[place] as number) + 1
      this.slow++
    }
  }

  /** Drops buckets that are too old at `now`. */
  moveTo(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    for (let next = Math.max(this.#bucket + 1, bucket - BUCKETS + 1); next <= bucket; next++) {
      const place = next % BUCKETS
      this.total -= this.#totals[place] as number
      this.faults -= this.#faults[place] as number
      this.slow -= this.#slow[place] as number
      this.#totals[place] = this.#faults[place] = this.#slow[place] = 0
    }
    if (bucket > this.#bucket) this.#bucket = bucket
  }

  /** The counts at `now`. */
  counts(now: number): WindowCounts {
    this.moveTo(now)
    const { total, faults, slow } = this
    return { total, faults, slow }
  }

  /** Adds counts of another window, as if they had all occurred at `now`. */
  take({ total, faults, slow }: WindowCounts, now: number): void {
    this.moveTo(now)
    const place = this.#bucket % BUCKETS
    this.#totals[place] = (this.#totals[place] as number) + total
    this.#faults[place] = (this.#faults[place] as number) + faults
    this.#slow[place] = (this.#slow[place] as number) + slow
    this.total += total
    this.faults += faults
    this.slow += slow
  }

  /** A window of another length with the counts of this one. */
  over(windowMs: number, now: number): RollingWindow {
    this.moveTo(now)
    const other = new RollingWindow(windowMs)
    for (let bucket = Math.max(0, this.#bucket - BUCKETS + 1); bucket <= this.#bucket; bucket++) {
      const place = bucket % BUCKETS
      const counts = {
        total: this.#totals[place] as number,
        faults: this.#faults[place] as number,
        slow: this.#slow[place] as number
      }
      other.take(counts, Math.min(now, (bucket + 1) * this.#bucketMs))
    }
    other.moveTo(now)
    return other
  }

  clear(): void {
    this.#totals.fill(0)
    this.#faults.fill(0)
    this.#slow.fill(0)
    this.total = this.faults = this.slow = 0
  }
}
