/** Stops what was scheduled; a second call does nothing. */
export type Cancel = () => void

/**
 * Where everything that waits gets its timers from, so that tests can make time pass. One keeps the process alive only
 * when it is `awaited`: a request, a start or a stop waits for it. Default: false.
 */
export interface Timers {
  /** Runs `task` once, after `ms` milliseconds (0 to 2147483647). */
  after(ms: number, task: () => void, awaited?: boolean): Cancel
  /** Runs `task` every `ms` milliseconds (from 1). */
  every(ms: number, task: () => void, awaited?: boolean): Cancel
}

/** The process's own. */
export const processTimers: Timers = {
  after(ms, task, awaited = false) {
    const timer = setTimeout(task, ms)
    if (!awaited) timer.unref()
    return () => clearTimeout(timer)
  },
  every(ms, task, awaited = false) {
    const timer = setInterval(task, ms)
    if (!awaited) timer.unref()
    return () => clearInterval(timer)
  }
}
