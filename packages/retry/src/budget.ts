const BUCKETS = 10
const BUCKET_MS = 1_000
/** How many seconds' worth may be spent within one, while that helps. */
const BURST = 3
/** So many at least: where there is little traffic, a second's worth is less than one. */
const LEAST_BURST = 10
/** What an attempt in vain takes from a burst. */
const WASTE = 2

/**
 * How many retries and hedges are allowed: a share of the successes of the last 10 s, and a floor per second besides,
 * so that little traffic may retry too (Finagle's RetryBudget; Envoy's retry budgets). What has been saved up may be spent
 * in a burst, such as that of an endpoint which dies; attempts that fail again end it, for two seconds: then all fail, and
 * there is no more than the share of each second. Pure: time is passed in.
 */
export class RetryBudget {
  #share: number
  #perSecond: number
  readonly #successes = new Tally()
  readonly #spent = new Tally()
  readonly #wasted = new Tally()
  #spentOfFloor = 0
  #bucket = 0

  /** `share` from 0 to 1 of successes; `perSecond` retries a second are allowed in any case. */
  constructor(share: number, perSecond: number) {
    this.#share = share
    this.#perSecond = perSecond
  }

  /** Goes on with other numbers; what was earned and spent counts by them. */
  follow(share: number, perSecond: number): void {
    this.#share = share
    this.#perSecond = perSecond
  }

  /** A success at `now`, in milliseconds. */
  deposit(now: number): void {
    this.#moveTo(now)
    this.#successes.add(this.#bucket)
  }

  /** Another attempt has failed too. */
  wasted(now: number): void {
    this.#moveTo(now)
    this.#wasted.add(this.#bucket)
  }

  /** How many more are allowed at `now`, in whole ones. */
  available(now: number): number {
    this.#moveTo(now)
    return this.#ofShare() + Math.max(0, this.#perSecond - this.#spentOfFloor)
  }

  /** Takes one. False when there is none left. */
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

/** Counts by second, of the last ten. */
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
