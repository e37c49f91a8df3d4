import { InvalidValueError } from '@gatewright/core'
import type { WindowCounts } from './rolling-window.js'
import type { BreakerState } from './state.js'

/** A breaker's state as JSON. Times are milliseconds relative to the export. */
export type KeptBreaker =
  | {
      readonly kind: 'closed'
      readonly times: number
      readonly lastOpenMs: number
      /** Counts of its window. */
      readonly counts?: WindowCounts
    }
  | { readonly kind: 'open'; readonly remainingMs: number; readonly sinceMs: number; readonly times: number }
  | { readonly kind: 'half_open'; readonly times: number; readonly lastOpenMs: number }

/** The state of all breakers, by `pool <id>` or `route <id>`. */
export type KeptBreakers = Readonly<Record<string, KeptBreaker>>

/** Exports a state. */
export function keep(state: BreakerState, counts: WindowCounts, now: number): KeptBreaker {
  if (state.kind === 'open')
    return {
      kind: 'open',
      remainingMs: Math.max(0, state.until - now),
      sinceMs: now - state.since,
      times: state.times
    }
  const { kind, times, lastOpenMs } = state
  return kind === 'closed' ? { kind, times, lastOpenMs, counts } : { kind, times, lastOpenMs }
}

/** Reads an exported state. Throws GW_VALUE_INVALID. */
export function readKept(key: string, value: unknown, now: number): BreakerState {
  const { kind, times, remainingMs, sinceMs, lastOpenMs } = (value ?? {}) as Partial<Record<string, unknown>>
  if (!isCount(times)) throw new InvalidValueError(`${key}: times`, 'a whole number')
  if (kind === 'open') {
    if (!isMs(remainingMs) || !isMs(sinceMs))
      throw new InvalidValueError(`${key}: remainingMs and sinceMs`, 'milliseconds')
    return { kind, times, since: now - sinceMs, until: now + remainingMs }
  }
  if (!isMs(lastOpenMs)) throw new InvalidValueError(`${key}: lastOpenMs`, 'milliseconds')
  if (kind === 'closed') return { kind, times, lastOpenMs, since: times === 0 ? 0 : now }
  if (kind === 'half_open') return { kind, times, lastOpenMs, running: 0, successes: 0 }
  throw new InvalidValueError(`${key}: kind`, "'closed', 'open' or 'half_open'")
}

/** Reads the exported counts. Throws GW_VALUE_INVALID. */
export function readCounts(key: string, value: unknown): WindowCounts {
  const { counts } = (value ?? {}) as { counts?: unknown }
  if (counts === undefined) return NOTHING
  const { total, faults, slow } = (counts ?? {}) as Partial<Record<string, unknown>>
  if (!isCount(total) || !isCount(faults) || !isCount(slow) || faults > total || slow > total)
    throw new InvalidValueError(`${key}: counts`, 'total, faults and slow, whole numbers, none above total')
  return { total, faults, slow }
}

const NOTHING: WindowCounts = { total: 0, faults: 0, slow: 0 }

function isMs(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value)
}

function isCount(value: unknown): value is number {
  return isMs(value) && Number.isInteger(value)
}
