const BUCKETS = 10
const BUCKET_MS = 1_000
/** A burst may spend the allowance of this many seconds within one, while retries succeed. */
const BURST = 3
/** Smallest burst: with little traffic, the allowance of a second is less than one. */
const LEAST_BURST = 10
/** How much a failed retry takes from a burst. */
const WASTE = 2

/**
 * A retry budget: a share of the successes of the last 10 s plus a minimum per second, so that low traffic may retry too
 * (Finagle's RetryBudget; Envoy's retry budgets). The unspent allowance may be used in a burst, for example when an endpoint
 * dies; retries that fail end the burst for two seconds, during which only the allowance of each second is available. Pure:
 * time is passed in.
 */
export class RetryBudget {
  #share: number
  #perSecond: number
  readonly #successes = new Tally()
  readonly #spent = new Tally()
  readonly #wasted = new Tally()
  #spentOfFloor = 0
  #bucket = 0

  /** `share` of successes, from 0 to 1; `perSecond`: retries allowed per second in any case. */
  constructor(share: number, perSecond: number) {
    this.#share = share
    this.#perSecond = perSecond
  }

  /** Applies new settings to the deposits and withdrawals recorded so far. */
  follow(share: number, perSecond: number): void {
    this.#share = share
    this.#perSecond = perSecond
  }

  /** Records a success at `now`, in milliseconds. */
  deposit(now: number): void {
    this.#moveTo(now)
    this.#successes.add(this.#bucket)
  }

  /** Records a failed retry. */
  wasted(now: number): void {
    this.#moveTo(now)
    this.#wasted.add(this.#bucket)
  }

  /** The number of retries available at `now`. */
  available(now: number): number {
    this.#moveTo(now)
    return this.#ofShare() + Math.max(0, this.#perSecond - this.#spentOfFloor)
  }

  /** Withdraws one retry. False if none is left. */
  spend(now: number): boolean {
    this.#moveTo(now)
    if (this.#ofShare() > 0) this.#spent.add(this.#bucket)
    else if (this.#spentOfFloor < this.#perSecond) this.#spentOfFloor++
    else return false
    return true
  }

  #ofShare(): number {
    const earned = this.#successes.total * this.#share
    const vain = this.#wasted.of(this.#bucket) + this.#wasted.of(this.#bucket - 1)
    const steady = earned / BUCKETS
    const most = Math.ceil(Math.max(steady, Math.max(LEAST_BURST, BURST * steady) - WASTE * vain))
    return Math.max(0, Math.min(Math.floor(earned) - this.#spent.total, most - this.#spent.of(this.#bucket)))
  }

  #moveTo(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS)
    if (bucket <= this.#bucket) return
    for (let next = Math.max(this.#bucket + 1, bucket - BUCKETS + 1); next <= bucket; next++)
      for (const tally of [this.#successes, this.#spent, this.#wasted]) tally.forget(next)
    this.#bucket = bucket
    this.#spentOfFloor = 0
  }
}

/** Counts per second for the last ten seconds. */
class Tally {
  readonly #counts: number[] = new Array(BUCKETS).fill(0)
  total = 0

  of(bucket: number): number {
    return this.#counts[(bucket + BUCKETS) % BUCKETS] as number
  }

  add(bucket: number): void {
    this.#counts[bucket % BUCKETS] = this.of(bucket) + 1
    this.total++
  }

  forget(bucket: number): void {
    this.total -= this.of(bucket)
    this.#counts[bucket % BUCKETS] = 0
  }
}
