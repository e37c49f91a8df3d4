import { printable } from '@gatewright/core'
import type { ProbeResult } from './config/callbacks.js'

/** The outcome of a probe. */
export interface ProbeOutcome {
  readonly result: ProbeResult
  /** The cause, as text. */
  readonly because: string
  /** Set when user code returned an invalid value, which is logged. */
  readonly mistaken?: true
  /** What user code has thrown. */
  readonly threw?: unknown
}

/** The outcome of a `check` that returned `value`. Undocumented results count as unhealthy. */
export function verdictOfCheck(value: unknown): ProbeOutcome {
  if (value === 'healthy' || value === 'degraded' || value === 'unhealthy')
    return { result: value, because: `the check said ${value}` }
  if (typeof value === 'boolean')
    return { result: value ? 'healthy' : 'unhealthy', because: `the check said ${value}` }
  return {
    result: 'unhealthy',
    because: `the check returned ${nameOf(value)}, not 'healthy', 'degraded', 'unhealthy' or a boolean`,
    mistaken: true
  }
}

/** The outcome of `expectedBody` after the status check `passed`. A promise is not awaited and fails the probe. */
export function verdictOfBody(value: unknown, passed: ProbeOutcome): ProbeOutcome {
  if (value === true) return passed
  if (value === false) return { result: 'unhealthy', because: 'the body does not match expectedBody' }
  return {
    result: 'unhealthy',
    because: `expectedBody returned ${nameOf(value)}, not a boolean`,
    mistaken: true
  }
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return `'${printable(value, 40)}'`
  if (value instanceof Promise) return 'a promise'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
