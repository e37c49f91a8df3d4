import { type Timers, waitFor } from '@gatewright/core'

/** A function of the user's, and what becomes of what it does. */
export interface UserFunction<T> {
  call(): unknown
  /** What its result means. What this throws is given to `failed`. */
  judge(result: unknown): T
  /** What follows when it throws or rejects. */
  failed(error: unknown): T
  /** What follows when its promise takes too long; nothing that comes later counts. */
  late(): T
  readonly timeoutMs: number
}

/** Calls a function that may return a promise, and `done` once: at once where it does not. */
export function callUser<T>(asked: UserFunction<T>, timers: Timers, done: (outcome: T) => void): void {
  let result: unknown
  let outcome: T | undefined
  try {
    result = asked.call()
    if (!isThenable(result)) outcome = asked.judge(result)
  } catch (error) {
    done(asked.failed(error))
    return
  }
  if (!isThenable(result)) {
    done(outcome as T)
    return
  }
  let over = false
  const end = (found: T): void => {
    if (over) return
    over = true
    cancel()
    done(found)
  }
  const cancel = waitFor(timers, asked.timeoutMs, () => end(asked.late()))
  Promise.resolve(result)
    .then((found) => (over ? asked.late() : asked.judge(found)))
    .then(end, (error) => end(asked.failed(error)))
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
