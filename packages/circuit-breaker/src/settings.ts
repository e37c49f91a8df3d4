import { durationMs } from '@gatewright/core'
import type { BreakerConfig } from './config/config.js'

/** Resolved breaker settings. Times in milliseconds, shares from 0 to 1. */
export interface BreakerSettings {
  readonly observe: boolean
  readonly errorThreshold: number
  readonly minRequests: number
  readonly windowMs: number
  /** Time to the head from which a response is slow; 0 for never. */
  readonly slowCallMs: number
  readonly slowCallThreshold: number
  readonly openMs: number
  readonly maxOpenMs: number
  readonly halfOpenRequests: number
  readonly rampMs: number
}

/** Resolves a validated `circuitBreaker`; `null` for none. */
export function resolveBreaker(config: BreakerConfig | undefined): BreakerSettings | null {
  if (config === undefined || config === false) return null
  const options = config === true ? {} : config
  const ms = (text: string | undefined, otherwise: string): number => durationMs(text ?? otherwise) as number
  return {
    observe: options.mode === 'observe',
    errorThreshold: (options.errorThresholdPercent ?? 50) / 100,
    minRequests: options.minRequests ?? 20,
    windowMs: ms(options.window, '10s'),
    slowCallMs: ms(options.slowCall, '0ms'),
    slowCallThreshold: (options.slowCallThresholdPercent ?? 100) / 100,
    openMs: ms(options.openDuration, '30s'),
    maxOpenMs: ms(options.maxOpenDuration, '5m'),
    halfOpenRequests: options.halfOpenRequests ?? 3,
    rampMs: ms(options.ramp, '0ms')
  }
}
