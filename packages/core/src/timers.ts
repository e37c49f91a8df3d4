/** Stops what was scheduled; a second call does nothing. */
export type Cancel = () => void

/** Where everything that waits gets its timers from, so that tests can make time pass. They never keep the process alive. */
export interface Timers {
  /** Runs `task` once, after `ms` milliseconds (0 to 2147483647). */
  after(ms: number, task: () => void): Cancel
  /** Runs `task` every `ms` milliseconds (from 1). */
  every(ms: number, task: () => void): Cancel
}

/** The process's own. */
export const processTimers: Timers = {
  after(ms, task) {
    const timer = setTimeout(task, ms).unref()
    return () => clearTimeout(timer)
  },
  every(ms, task) {
    const timer = setInterval(task, ms).unref()
    return () => clearInterval(timer)
  }
}
