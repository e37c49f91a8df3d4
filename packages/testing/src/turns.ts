import { setImmediate } from 'node:timers/promises'

/**
 * Lets the other end of a loopback connection in this process read what has been sent: one turn of the event
 * loop to get out of the current one, and one whole turn with its reads.
 */
export async function otherEndReads(): Promise<void> {
  await setImmediate()
  await setImmediate()
}
