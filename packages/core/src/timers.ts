/** Stops what was scheduled; a second call does nothing. */
export type Cancel = () => void

/**
 * Where everything that waits gets its timers from, so that tests can make time pass. One keeps the process alive only
 * when it is `awaited`: a request, a start or a stop waits for it. Default: false.
 */
export interface Timers {
  /** Runs `task` once, after `ms` milliseconds (0 to {@link LONGEST_TIMER_MS}). */
  after(ms: number, task: () => void, awaited?: boolean): Cancel
  /** Runs `task` every `ms` milliseconds (from 1). */
  every(ms: number, task: () => void, awaited?: boolean): Cancel
}

/** What a timer can be set for, in milliseconds: Node fires one that is set for longer at once, and again and again. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1

// A delay that is no number is longest: late is better than a flood.
function delayOf(ms: number, least: number): number {
  return ms <= LONGEST_TIMER_MS ? Math.max(least, ms) : LONGEST_TIMER_MS
}

/** The process's own. Longer delays than a timer can be set for are cut to that, and repeated ones are at least 1 ms. */
export const processTimers: Timers = {
  after(ms, task, awaited = false) {
    const timer = setTimeout(task, delayOf(ms, 0))
    if (!awaited) timer.unref()
    return () => clearTimeout(timer)
  },
  every(ms, task, awaited = false) {
    const timer = setInterval(task, delayOf(ms, 1))
    if (!awaited) timer.unref()
    return () => clearInterval(timer)
  }
}
