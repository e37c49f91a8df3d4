import { deferred } from './deferred.js'

/** A promise that the test resolves: a delay without a timer. */
export interface Gate extends Promise<void> {
  /** Lets everything that awaits the gate pass, now and later. */
  open(): void
}

/** A closed gate: `{ after: gate }` holds a response back until `gate.open()`. */
export function gate(): Gate {
  const { promise, resolve } = deferred()
  return Object.assign(promise, { open: () => resolve() })
}
