import type { BreakerSettings } from './settings.js'

/** The state of a circuit breaker. */
export type BreakerKind = 'closed' | 'open' | 'half_open'

/** A breaker state with its data. Times in milliseconds of one clock. */
export type BreakerState =
  | {
      readonly kind: 'closed'
      /** When it closed; 0 if it has never been open. */
      readonly since: number
      /** How often it has opened in a row, and the last open duration. */
      readonly times: number
      readonly lastOpenMs: number
    }
  | { readonly kind: 'open'; readonly since: number; readonly until: number; readonly times: number }
  | {
      readonly kind: 'half_open'
      readonly times: number
      readonly lastOpenMs: number
      /** Attempts in flight. */
      readonly running: number
      readonly successes: number
    }

/** The initial state. */
export const CLOSED: BreakerState = { kind: 'closed', since: 0, times: 0, lastOpenMs: 0 }

const JITTER = 0.1

/**
 * Opens for `openMs`, doubled for each time it has opened in a row, ± 10 % jitter by `chance` (0 to 1), at most `maxOpenMs`.
 * The row ends once it has been closed for as long as it was last open.
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

/** The state under other settings: an open state lasts no longer than they allow. */
export function shortened(state: BreakerState, settings: BreakerSettings): BreakerState {
  if (state.kind !== 'open') return state
  const most = Math.min(settings.maxOpenMs, settings.openMs * 2 ** (state.times - 1) * (1 + JITTER))
  return { ...state, until: Math.min(state.until, state.since + most) }
}

/** Half open once the open time has elapsed; otherwise unchanged. */
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

/** An admitted attempt has started. */
export function entered(state: BreakerState): BreakerState {
  return state.kind === 'half_open' ? { ...state, running: state.running + 1 } : state
}

/** A half-open trial has ended; `success` is null for a neutral result. Fault: see {@link opened}. */
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
