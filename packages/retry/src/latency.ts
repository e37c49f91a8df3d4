const SUB = 8
const GROUPS = 24
const ROTATION_MS = 10_000
const FEWEST = 50

/**
 * A histogram of recent latencies, after HdrHistogram: eight buckets per power of two, so a quantile is at most 12.5 % too
 * high. Covers the last 10 to 20 s by rotating two histograms. Pure: time is passed in.
 */
export class LatencyHistogram {
  #current = new Uint32Array(SUB * GROUPS)
  #before = new Uint32Array(SUB * GROUPS)
  #count = 0
  #countBefore = 0
  #rotatedAt = 0

  /** Records a latency in milliseconds at `now`. */
  record(ms: number, now: number): void {
    this.#rotate(now)
    const bucket = bucketOf(ms)
    this.#current[bucket] = (this.#current[bucket] as number) + 1
    this.#count++
  }

  /** The quantile (0 to 1) in milliseconds; `null` while there are fewer than 50 samples. */
  quantile(q: number, now: number): number | null {
    this.#rotate(now)
    const total = this.#count + this.#countBefore
    if (total < FEWEST) return null
    let left = Math.ceil(q * total)
    for (let bucket = 0; bucket < SUB * GROUPS; bucket++) {
      left -= (this.#current[bucket] as number) + (this.#before[bucket] as number)
      if (left <= 0) return upperEnd(bucket)
    }
    return upperEnd(SUB * GROUPS - 1)
  }

  #rotate(now: number): void {
    const age = now - this.#rotatedAt
    if (age < ROTATION_MS) return
    const spare = this.#before.fill(0)
    if (age < 2 * ROTATION_MS) {
      this.#before = this.#current
      this.#current = spare
      this.#countBefore = this.#count
    } else {
      this.#current.fill(0)
      this.#countBefore = 0
    }
    this.#count = 0
    this.#rotatedAt = now
  }
}

// In eighths of a millisecond: the power of two, and the next three bits below it.
function bucketOf(ms: number): number {
  const units = Math.min(2 ** 30, Math.max(0, Math.floor(ms * SUB)))
  if (units < SUB) return units
  const exponent = 31 - Math.clz32(units)
  return Math.min(SUB * GROUPS - 1, (exponent - 2) * SUB + ((units >> (exponent - 3)) & (SUB - 1)))
}

function upperEnd(bucket: number): number {
  if (bucket < SUB) return (bucket + 1) / SUB
  const exponent = Math.floor(bucket / SUB) + 2
  return (((bucket % SUB) + SUB + 1) * 2 ** (exponent - 3)) / SUB
}
