import { durationMs, isIdempotent, sizeBytes } from '@gatewright/core'
import type { HedgeConfig, RetryConfig } from './config/config.js'

/** A condition under which a request is retried. */
export type Condition = 'connect_failure' | 'reset' | 'timeout' | 'status'

/** Resolved retry settings. Times in milliseconds. */
export interface RetrySettings {
  readonly observe: boolean
  readonly attempts: number
  readonly allows: (method: string) => boolean
  readonly on: ReadonlySet<Condition>
  readonly statuses: ReadonlySet<number>
  readonly baseMs: number
  readonly maxMs: number
  readonly maxRetryAfterMs: number
  /** From 0 to 1. */
  readonly budgetShare: number
  readonly budgetPerSecond: number
}

/** Resolved hedge settings. */
export interface HedgeSettings {
  readonly observe: boolean
  /** A fixed delay; 0 when `quantile` is used. */
  readonly afterMs: number
  /** From 0 to 1; 0 for none. */
  readonly quantile: number
  readonly minDelayMs: number
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const CONDITIONS: readonly Condition[] = ['connect_failure', 'reset', 'timeout', 'status']

/** Whether a method is safe (RFC 9110, section 9.2.1). */
export function isSafe(method: string): boolean {
  return SAFE.has(method)
}

/** Resolves a validated `retry`; `null` for none. */
export function resolveRetry(config: RetryConfig | undefined): RetrySettings | null {
  if (config === undefined || config === false) return null
  const options = typeof config === 'string' ? { methods: config } : config
  const { methods = 'idempotent', backoff = {} } = options
  return {
    observe: options.mode === 'observe',
    attempts: options.attempts ?? 2,
    allows: allowed(methods),
    on: new Set(options.on ?? CONDITIONS),
    statuses: new Set(options.statuses ?? [502, 503, 504]),
    baseMs: durationMs(backoff.base ?? '25ms') as number,
    maxMs: durationMs(backoff.max ?? '250ms') as number,
    maxRetryAfterMs: durationMs(options.maxRetryAfter ?? '1s') as number,
    budgetShare: (options.budgetPercent ?? 10) / 100,
    budgetPerSecond: options.budgetMinPerSecond ?? 3
  }
}

function allowed(methods: 'safe' | 'idempotent' | readonly string[]): (method: string) => boolean {
  if (methods === 'safe') return isSafe
  if (methods === 'idempotent') return isIdempotent
  const list = new Set(methods)
  return (method) => list.has(method)
}

/** How much of a request body is buffered for a retry, in bytes. */
export function keptBody(config: RetryConfig): number {
  if (config === false) return 0
  const { bufferBody = '64KiB' } = typeof config === 'string' ? {} : config
  return sizeBytes(bufferBody) as number
}

/** Resolves a validated `hedge`; `null` for none. */
export function resolveHedge(config: HedgeConfig | undefined): HedgeSettings | null {
  if (config === undefined || config === false) return null
  const { after, minDelay = '5ms', mode } = config
  const percentile = /^p(.+)$/.exec(after)?.[1]
  return {
    observe: mode === 'observe',
    afterMs: percentile === undefined ? (durationMs(after) as number) : 0,
    quantile: percentile === undefined ? 0 : Number(percentile) / 100,
    minDelayMs: durationMs(minDelay) as number
  }
}
