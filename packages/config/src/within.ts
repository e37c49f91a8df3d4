import { processTimers, type Timers } from '@gatewright/core'

/** How long reading may take, in milliseconds, where nothing else is said. */
export const DEADLINE_MS = 10_000

/** As `work`, but rejects with `late()` when it takes longer than `ms`. What it waits for keeps the process alive. */
export function within<T>(
  work: Promise<T>,
  ms: number,
  late: () => Error,
  timers: Timers = processTimers
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(ms, () => reject(late()), true)
    work.then(resolve, reject).finally(cancel)
  })
}

/** A time for people: `10 s`, `250 ms`. */
export function shownMs(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`
}
