import type { Clock, InSteps } from '@gatewright/core'
import { MergedMetrics, type WorkerMetrics } from './merged-metrics.js'

/** How long a series that no worker has any more is shown, in milliseconds. */
const KEPT_MS = 60 * 60_000
/** How many series are kept. */
const MOST = 100_000

interface Past {
  readonly family: string
  readonly type: string
  value: number
  /** When a worker has shown it last. */
  seenAt: number
}

/**
 * What the workers that are gone have counted. Without it, the sums would fall when a worker ends, and Prometheus would take
 * that for a restart of all of them, and count everything once more.
 */
export class PastCounts {
  readonly #clock: Clock
  readonly #series = new Map<string, Past>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#series.size
  }

  /** A worker has gone: its last counts. In steps. */
  *keep(last: WorkerMetrics): InSteps<void> {
    const merged = new MergedMetrics()
    yield* merged.add({ ...last, past: true })
    const now = this.#clock()
    for (const [key, { family, type, value }] of yield* merged.grown()) {
      const known = this.#series.get(key)
      if (known !== undefined) known.value += value
      else if (this.#series.size < MOST) this.#series.set(key, { family, type, value, seenAt: now })
    }
  }

  /** Adds them to those of the workers that are there. In steps. */
  *addTo(merged: MergedMetrics): InSteps<void> {
    const now = this.#clock()
    let looked = 0
    for (const [key, past] of this.#series) {
      if (++looked % 500 === 0) yield
      if (merged.has(past.family, key)) past.seenAt = now
      else if (now - past.seenAt > KEPT_MS) {
        this.#series.delete(key)
        continue
      }
      merged.grow(past.family, past.type, key, past.value)
    }
  }
}
