import { printable } from '@gatewright/core'
import type { ProbeResult } from './config/callbacks.js'

/** What came of a probe. */
export interface ProbeOutcome {
  readonly result: ProbeResult
  /** For people. */
  readonly because: string
  /** Set where code of the app's own returned what it must not: its author is to be told. */
  readonly mistaken?: true
  /** What code of the app's own has thrown. */
  readonly threw?: unknown
}

/** What a `check` that returned `value` says. Only documented results can say that an endpoint is usable. */
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

/** What `expectedBody` says of a body whose status has said `passed`. A promise is not awaited, and is no yes. */
export function verdictOfBody(value: unknown, passed: ProbeOutcome): ProbeOutcome {
  if (value === true) return passed
  if (value === false) return { result: 'unhealthy', because: 'the body is not what is expected' }
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
