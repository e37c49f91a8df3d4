import type { BreakerSettings } from './settings.js'

/** Where a circuit breaker stands. */
export type BreakerKind = 'closed' | 'open' | 'half_open'

/** The same with what belongs to it. Times in milliseconds of one clock. */
export type BreakerState =
  | {
      readonly kind: 'closed'
      /** When it closed; 0 when it has never been open. */
      readonly since: number
      /** How often it has opened in a row, and how long it was open last. */
      readonly times: number
      readonly lastOpenMs: number
    }
  | { readonly kind: 'open'; readonly since: number; readonly until: number; readonly times: number }
  | {
      readonly kind: 'half_open'
      readonly times: number
      readonly lastOpenMs: number
      /** Attempts under way. */
      readonly running: number
      readonly successes: number
    }

/** What a breaker begins with. */
export const CLOSED: BreakerState = { kind: 'closed', since: 0, times: 0, lastOpenMs: 0 }

const JITTER = 0.1

/**
 * Opens, for `openMs` × 2 for each time it has opened in a row, ± 10 % by `chance` (0 to 1), at most `maxOpenMs`. The
 * row is over when it has been closed for as long as it was open last.
 */
export function opened(
  state: BreakerState,
  now: number,
  chance: number,
  settings: BreakerSettings
): BreakerState {
  const steady = state.kind === 'closed' && now - state.since >= state.lastOpenMs
  const times = steady ? 1 : state.times + 1
  const ms = settings.openMs * 2 ** (times - 1) * (1 + JITTER * (2 * chance - 1))
  return { kind: 'open', since: now, until: now + Math.min(settings.maxOpenMs, ms), times }
}

/** The same with other settings: what is open stays so for no longer than they have it. */
export function shortened(state: BreakerState, settings: BreakerSettings): BreakerState {
  if (state.kind !== 'open') return state
  const most = Math.min(settings.maxOpenMs, settings.openMs * 2 ** (state.times - 1) * (1 + JITTER))
  return { ...state, until: Math.min(state.until, state.since + most) }
}

/** After its time, the first attempt finds it half open. */
export function awaited(state: BreakerState, now: number): BreakerState {
  if (state.kind !== 'open' || now < state.until) return state
  return {
    kind: 'half_open',
    times: state.times,
    lastOpenMs: state.until - state.since,
    running: 0,
    successes: 0
  }
}

/** Whether one more attempt may begin; `chance` from 0 to 1. */
export function admits(state: BreakerState, now: number, chance: number, settings: BreakerSettings): boolean {
  switch (state.kind) {
    case 'open':
      return false
    case 'half_open':
      return state.running < settings.halfOpenRequests
    case 'closed':
      return settings.rampMs === 0 || state.since === 0 || chance < (now - state.since) / settings.rampMs
  }
}

/** An attempt that was let in has begun. */
export function entered(state: BreakerState): BreakerState {
  return state.kind === 'half_open' ? { ...state, running: state.running + 1 } : state
}

/** An attempt that began half open is over; `success` is null for one that says nothing. Fault: see {@link opened}. */
export function left(
  state: BreakerState,
  success: true | null,
  now: number,
  { halfOpenRequests }: BreakerSettings
): BreakerState {
  if (state.kind !== 'half_open') return state
  const running = Math.max(0, state.running - 1)
  const successes = state.successes + (success === true ? 1 : 0)
  if (successes < halfOpenRequests) return { ...state, running, successes }
  return { kind: 'closed', since: now, times: state.times, lastOpenMs: state.lastOpenMs }
}
