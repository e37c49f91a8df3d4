const BUCKETS = 10
const BUCKET_MS = 1_000

/**
 * How many retries and hedges are allowed: a share of the successes of the last 10 s, and a floor per second besides,
 * so that little traffic may retry too (Finagle's RetryBudget; Envoy's retry budgets). Pure: time is passed in.
 */
export class RetryBudget {
  readonly #share: number
  readonly #perSecond: number
  readonly #successes: number[] = new Array(BUCKETS).fill(0)
  readonly #spent: number[] = new Array(BUCKETS).fill(0)
  #bucket = 0
  #successTotal = 0
  #spentTotal = 0

  /** `share` from 0 to 1 of successes; `perSecond` retries a second are allowed in any case. */
  constructor(share: number, perSecond: number) {
    this.#share = share
    this.#perSecond = perSecond
  }

  /** A success at `now`, in milliseconds. */
  deposit(now: number): void {
    this.#moveTo(now)
    this.#successes[this.#bucket % BUCKETS] = (this.#successes[this.#bucket % BUCKETS] as number) + 1
    this.#successTotal++
  }

  /** How many more are allowed at `now`, in whole ones. */
  available(now: number): number {
    this.#moveTo(now)
    const floor = this.#perSecond - (this.#spent[this.#bucket % BUCKETS] as number)
    const share = Math.floor(this.#successTotal * this.#share) - this.#spentTotal
    return Math.max(0, floor, share)
  }

  /** Takes one. False when there is none left. */
  spend(now: number): boolean {
    if (this.available(now) < 1) return false
    this.#spent[this.#bucket % BUCKETS] = (this.#spent[this.#bucket % BUCKETS] as number) + 1
    this.#spentTotal++
    return true
  }

  #moveTo(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS)
    const from = Math.max(this.#bucket + 1, bucket - BUCKETS + 1)
    for (let next = from; next <= bucket; next++) {
      this.#successTotal -= this.#successes[next % BUCKETS] as number
      this.#spentTotal -= this.#spent[next % BUCKETS] as number
      this.#successes[next % BUCKETS] = this.#spent[next % BUCKETS] = 0
    }
    if (bucket > this.#bucket) this.#bucket = bucket
  }
}
