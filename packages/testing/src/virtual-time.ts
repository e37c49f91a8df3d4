import type { Clock, Timers } from '@gatewright/core'
import { TimeQueue } from './time-queue.js'
import type { VirtualClock } from './virtual-clock.js'

/** A clock with timers, which stands still until it is advanced. */
export interface VirtualTime extends VirtualClock {
  readonly clock: Clock
  /** To be passed wherever `Timers` are taken. */
  readonly timers: Timers
  /** When the next task is due, in milliseconds of the clock; `Infinity` when none is. */
  nextAt(): number
  /** How many tasks are scheduled. */
  readonly pending: number
  /**
   * Advances time by `ms` milliseconds. Due timers run in order of time, and at the same time in the order in
   * which it was scheduled; the clock shows when it was due. Throws a RangeError when `ms` is negative, and what
   * a task throws.
   */
  advance(ms: number): void
}

/**
 * Makes time for tests: deterministic, and fast enough for millions of tasks.
 *
 * @param startMs What the clock shows first. Default 1000; never 0, which records use for "not yet".
 */
export function virtualTime(startMs = 1_000): VirtualTime {
  let now = startMs
  const queue = new TimeQueue()
  const after = (ms: number, task: () => void): (() => void) => {
    const entry = queue.add(now + Math.max(0, ms), task)
    return () => queue.cancel(entry)
  }
  return {
    clock: () => now,
    now: () => now,
    nextAt: () => queue.first?.at ?? Number.POSITIVE_INFINITY,
    get pending() {
      return queue.length
    },
    timers: {
      after,
      every(ms, task) {
        const step = Math.max(1, ms)
        let cancel = after(step, tick)
        let over = false
        function tick(): void {
          task()
          if (!over) cancel = after(step, tick)
        }
        return () => {
          over = true
          cancel()
        }
      }
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a monotonic clock cannot move by ${ms} ms`)
      const until = now + ms
      for (let entry = queue.first; entry !== undefined && entry.at <= until; entry = queue.first) {
        now = entry.at
        queue.takeFirst()?.()
      }
      now = until
    }
  }
}
