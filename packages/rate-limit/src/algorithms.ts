/** What is known of one key. What the numbers mean, its algorithm says; `at` of 0 and nothing used is a key never seen. */
export class Bucket {
  at = 0
  used = 0
  before = 0
}

/** How requests are counted. Pure: times are milliseconds of one clock that begins above 0, amounts are costs of requests. */
export interface Algorithm {
  /** Milliseconds until the cost would be admitted; 0 for now, `Infinity` for never. */
  wait(bucket: Bucket, now: number, cost: number): number
  /** Takes the cost, admitted or not. */
  take(bucket: Bucket, now: number, cost: number): void
  /** Takes back what was taken at that time, where it still counts. */
  giveBack(bucket: Bucket, takenAt: number, cost: number): void
  /** What could be taken now; not below 0. */
  left(bucket: Bucket, now: number): number
  /** Milliseconds until all of the limit is there again. */
  reset(bucket: Bucket, now: number): number
}

/**
 * A token bucket of `capacity`, refilled with one token every `interval` milliseconds (the generic cell rate algorithm of ITU-T
 * I.371, counted in tokens): `used` are missing at the time `at`. So other numbers hold for what was counted before, too.
 */
export function tokenBucket(interval: number, capacity: number): Algorithm {
  const missing = ({ at, used }: Bucket, now: number): number =>
    used === 0 ? 0 : Math.max(0, used - Math.max(0, now - at) / interval)
  return {
    wait(bucket, now, cost) {
      if (cost > capacity) return Number.POSITIVE_INFINITY
      return rounded((missing(bucket, now) + cost - capacity) * interval)
    },
    take(bucket, now, cost) {
      bucket.used = missing(bucket, now) + cost
      bucket.at = now
    },
    giveBack(bucket, _takenAt, cost) {
      bucket.used = Math.max(0, bucket.used - cost)
    },
    left: (bucket, now) => Math.max(0, Math.floor(capacity - missing(bucket, now) + EPSILON)),
    reset: (bucket, now) => missing(bucket, now) * interval
  }
}

/** `limit` in each window of so many milliseconds; `at` is the number of the window. */
export function fixedWindow(limit: number, windowMs: number): Algorithm {
  const usedAt = ({ at, used }: Bucket, now: number): number => (at === Math.floor(now / windowMs) ? used : 0)
  const rest = (now: number): number => windowMs - (now % windowMs)
  return {
    wait(bucket, now, cost) {
      if (cost > limit) return Number.POSITIVE_INFINITY
      return usedAt(bucket, now) + cost <= limit ? 0 : rest(now)
    },
    take(bucket, now, cost) {
      bucket.used = usedAt(bucket, now) + cost
      bucket.at = Math.floor(now / windowMs)
    },
    giveBack(bucket, takenAt, cost) {
      if (bucket.at === Math.floor(takenAt / windowMs)) bucket.used -= cost
    },
    left: (bucket, now) => Math.max(0, Math.floor(limit - usedAt(bucket, now))),
    reset: (bucket, now) => (usedAt(bucket, now) > 0 ? rest(now) : 0)
  }
}

/** `limit` in the window that ends now: of the window before, the share counts that is still in sight. */
export function slidingWindow(limit: number, windowMs: number): Algorithm {
  function counts({ at, used, before }: Bucket, now: number): [used: number, before: number] {
    const window = Math.floor(now / windowMs)
    if (at === window) return [used, before]
    return at === window - 1 ? [0, used] : [0, 0]
  }
  const passed = (now: number): number => (now % windowMs) / windowMs
  return {
    wait(bucket, now, cost) {
      if (cost > limit) return Number.POSITIVE_INFINITY
      const [used, before] = counts(bucket, now)
      const room = limit - used - cost
      if (before * (1 - passed(now)) <= room + EPSILON) return 0
      // Within this window the share of the one before falls to what there is room for, or else this one's in the next.
      if (room >= 0) return rounded((1 - room / before - passed(now)) * windowMs)
      return rounded((1 - passed(now) + 1 - (limit - cost) / used) * windowMs)
    },
    take(bucket, now, cost) {
      const [used, before] = counts(bucket, now)
      bucket.at = Math.floor(now / windowMs)
      bucket.used = used + cost
      bucket.before = before
    },
    giveBack(bucket, takenAt, cost) {
      const window = Math.floor(takenAt / windowMs)
      if (bucket.at === window) bucket.used -= cost
      else if (bucket.at === window + 1) bucket.before -= cost
    },
    left(bucket, now) {
      const [used, before] = counts(bucket, now)
      return Math.max(0, Math.floor(limit - used - before * (1 - passed(now)) + EPSILON))
    },
    reset(bucket, now) {
      const [used, before] = counts(bucket, now)
      if (used > 0) return (2 - passed(now)) * windowMs
      return before > 0 ? (1 - passed(now)) * windowMs : 0
    }
  }
}

/** What sums of intervals are off by. */
const EPSILON = 1e-9

function rounded(ms: number): number {
  return ms <= 1e-6 ? 0 : ms
}
