import { monotonic } from '../model/clock.js'

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

/** Resolves when what has arrived by now has been read, and handled as far as it waits for nothing. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

// A delay that is no number is longest: late is better than a flood.
function delayOf(ms: number, least: number): number {
  return ms <= LONGEST_TIMER_MS ? Math.max(least, ms) : LONGEST_TIMER_MS
}

/**
 * The process's own. Longer delays than a timer can be set for are cut to that, and repeated ones are at least 1 ms. A task
 * runs when what has arrived by then has been read: where the process has stood still, Node runs timers first, and a response
 * that is there would be found missing.
 */
export const processTimers: Timers = {
  after(ms, task, awaited = false) {
    let reading: NodeJS.Immediate | undefined
    const timer = setTimeout(
      () => {
        reading = setImmediate(task)
      },
      delayOf(ms, 0)
    )
    if (!awaited) timer.unref()
    return () => {
      clearTimeout(timer)
      clearImmediate(reading)
    }
  },
  every(ms, task, awaited = false) {
    let reading: NodeJS.Immediate | undefined
    const timer = setInterval(
      () => {
        reading = setImmediate(task)
      },
      delayOf(ms, 1)
    )
    if (!awaited) timer.unref()
    return () => {
      clearInterval(timer)
      clearImmediate(reading)
    }
  }
}

/** Lateness of a timer, in milliseconds, from which on the process has stood still: stopped, short of CPU, or busy itself. */
export const STALL_MS = 50

/** How often in a row a time limit is put off: a process that hardly gets any CPU must come to an end too. */
export const MOST_STALLS = 5

/**
 * As `timers.after`, for a wait on somebody else: where the process has stood still at its end, the other side has not had
 * the time, or its response could not be taken, and gets what was lost, at most the time itself, and {@link MOST_STALLS} times.
 */
export function waitFor(
  timers: Timers,
  ms: number,
  task: () => void,
  awaited = false,
  times: number = MOST_STALLS
): Cancel {
  const dueAt = monotonic() + ms
  let cancel = timers.after(
    ms,
    () => {
      const late = monotonic() - dueAt
      if (late < STALL_MS || times === 0) task()
      else cancel = waitFor(timers, Math.min(ms, late), task, awaited, times - 1)
    },
    awaited
  )
  return () => cancel()
}
