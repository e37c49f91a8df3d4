import type { Bucket } from './algorithms.js'
import type { RateLimit } from './rate-limit.js'
import type { RateLimitRequest, RateLimitState } from './store.js'

/** How one request was counted by one limit. */
export class Counted {
  readonly limit: RateLimit
  /** What it is counted by, as it stands in tables. */
  readonly key: string
  /** What it takes. */
  readonly cost: number
  /** Milliseconds until it would be admitted; 0 for now, `Infinity` for never. */
  wait = 0
  /** What is left of the limit. */
  left = 0
  /** Milliseconds until all of the limit is there again. */
  reset = 0
  /** Whether it has taken its cost. */
  taken = false
  /** Where this process counts it; `null` where the store does. */
  bucket: Bucket | null = null

  constructor(limit: RateLimit, key: string, cost: number) {
    this.limit = limit
    this.key = key
    this.cost = cost
  }

  /** What must be there for it to be admitted: what is charged after the response needs something left to charge. */
  get asks(): number {
    return this.cost === 0 && this.limit.settings.costAfter !== null ? 1 : this.cost
  }

  /** Asks what this process has counted, and takes nothing. */
  ask(now: number): void {
    const { settings, counts, algorithm, mostRunning } = this.limit
    if (settings.concurrent) {
      this.left = mostRunning - counts.running(this.key)
      this.wait = this.left > 0 ? 0 : Number.POSITIVE_INFINITY
      return
    }
    this.bucket = counts.bucket(this.key, algorithm, now)
    this.wait = algorithm.wait(this.bucket, now, this.asks)
  }

  /** Takes the cost, where it was admitted. */
  take(now: number): void {
    if (this.wait === 0) {
      const { settings, counts, algorithm } = this.limit
      this.taken = true
      if (settings.concurrent) {
        counts.enter(this.key)
        this.left--
      } else algorithm.take(this.bucket as Bucket, now, this.cost)
    }
    this.tell(now)
  }

  /** Works out what is left, for the response. */
  tell(now: number): void {
    const {
      bucket,
      limit: { algorithm }
    } = this
    if (bucket === null) return
    this.left = algorithm.left(bucket, now)
    this.reset = algorithm.reset(bucket, now)
  }

  /** The same for a store. */
  asRequest(cost: number): RateLimitRequest {
    const { settings, counts } = this.limit
    const { algorithm, capacity, intervalMs } = settings.asked
    const key = `${counts.id}|${settings.kind}|${this.key}`
    return { key, algorithm, capacity, intervalMs, cost, asks: this.asks, enforces: !settings.observe }
  }

  /** What the store says. It has taken the cost, unless it or another limit refuses. */
  answered({ waitMs, left, resetMs }: RateLimitState): void {
    this.wait = waitMs
    this.left = left
    this.reset = resetMs
    this.taken = waitMs === 0
  }

  /** It is admitted uncounted, as the store cannot be reached. */
  pass(): void {
    this.left = this.limit.settings.quota
    this.taken = true
  }

  /** The request is refused by another limit after all. */
  giveBack(now: number): void {
    if (!this.taken) return
    this.taken = false
    const { settings, counts, algorithm } = this.limit
    if (settings.concurrent) counts.leave(this.key)
    else if (this.bucket !== null) algorithm.giveBack(this.bucket, now, this.cost)
    this.tell(now)
  }
}

/** The one that refuses: those that enforce go before those that observe, then whoever has to wait for longest. */
export function worstOf(counted: readonly Counted[]): Counted | null {
  let worst: Counted | null = null
  for (const one of counted) if (one.wait > 0 && (worst === null || isWorse(one, worst))) worst = one
  return worst
}

function isWorse(one: Counted, other: Counted): boolean {
  const { observe } = other.limit.settings
  return one.limit.settings.observe === observe ? one.wait > other.wait : observe
}
