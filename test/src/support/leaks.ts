import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'

/** What must not pile up in the process of a gateway; made by {@link watchLeaks}. */
export interface LeakWatch {
  /** Warnings of Node since the beginning, such as too many listeners on one emitter. */
  readonly warnings: readonly Error[]
  /** Intervals that run, of those begun since the beginning, and the stack that began each. */
  readonly intervals: ReadonlyMap<unknown, string>
}

/**
 * Watches warnings and intervals until the test ends, and then tells of the intervals that are left. Begin before the
 * gateway does.
 */
export function watchLeaks(t: TestContext): LeakWatch {
  const warnings: Error[] = []
  const intervals = new Map<unknown, string>()
  const { setInterval: begin, clearInterval: end } = globalThis
  globalThis.setInterval = ((...args: Parameters<typeof begin>) => {
    const interval = begin(...args)
    intervals.set(interval, new Error('an interval is left').stack ?? '')
    return interval
  }) as typeof begin
  globalThis.clearInterval = (interval) => {
    intervals.delete(interval)
    end(interval)
  }
  t.after(() => {
    Object.assign(globalThis, { setInterval: begin, clearInterval: end })
    for (const stack of intervals.values()) t.diagnostic(stack)
  })
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  return { warnings, intervals }
}

/** Sockets, servers and timers that keep the process alive, by kind. */
export function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo())
    if (/^(?:TCP|TLS|Timeout|GetAddrInfo)/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Resolves when something that comes by itself has come. A test that waits in vain ends by its time limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate()
}
