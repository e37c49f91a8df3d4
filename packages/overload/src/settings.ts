import { durationMs } from '@gatewright/core'
import type { ConcurrencyConfig, OverloadConfig } from './config/config.js'

/** Resolved limit settings. Times in milliseconds. */
export interface LimitSettings {
  readonly observe: boolean
  /** Limit of requests whose responses have not ended; `Infinity` for none. */
  readonly max: number
  readonly maxQueue: number
  readonly queueTimeoutMs: number
  readonly newestFirst: boolean
  readonly adaptive: AdaptiveSettings | null
}

/** Resolved settings of an adaptive limit. */
export interface AdaptiveSettings {
  readonly min: number
  readonly max: number
  readonly initial: number
  readonly windowMs: number
  readonly tolerance: number
  /** Interval of baseline measurements; 0 for never. */
  readonly remeasureMs: number
}

/** Resolves a validated `concurrency`; `null` when it limits nothing. */
export function resolveLimit(config: ConcurrencyConfig | undefined): LimitSettings | null {
  if (config === undefined) return null
  const { adaptive = false } = config
  if (config.max === undefined && adaptive === false) return null
  const max = config.max ?? 1_000
  const options = adaptive === true ? {} : adaptive
  return {
    observe: config.mode === 'observe',
    max: config.max ?? Number.POSITIVE_INFINITY,
    maxQueue: config.maxQueue ?? 0,
    queueTimeoutMs: durationMs(config.queueTimeout ?? '1s') as number,
    newestFirst: config.queueOrder === 'adaptive',
    adaptive:
      options === false
        ? null
        : {
            max,
            min: Math.min(max, options.min ?? 10),
            initial: Math.min(max, options.initial ?? Math.max(50, options.min ?? 10)),
            windowMs: durationMs(options.window ?? '500ms') as number,
            tolerance: options.tolerance ?? 1.5,
            remeasureMs: durationMs(options.remeasure ?? '60s') as number
          }
  }
}

/** The part of a limit that is for one of several processes; at least one request runs, and a queue stays one. */
export function shareOfLimit(settings: LimitSettings | null, processes: number): LimitSettings | null {
  if (settings === null || processes === 1) return settings
  const { max, maxQueue, adaptive } = settings
  const share = (count: number): number => Math.max(Math.min(1, count), Math.floor(count / processes))
  return {
    ...settings,
    max: share(max),
    maxQueue: share(maxQueue),
    adaptive: adaptive && {
      ...adaptive,
      min: share(adaptive.min),
      max: share(adaptive.max),
      initial: share(adaptive.initial)
    }
  }
}

/** Resolved thresholds of the process; `Infinity` for none. */
export interface ProcessSettings {
  readonly observe: boolean
  readonly delayMs: number
  /** From 0 to 1. */
  readonly utilization: number
  /** From 0 to 1. */
  readonly heap: number
  readonly sampleMs: number
  /** Whole seconds. */
  readonly retryAfter: string
}

/** Resolves a validated `overload`; `null` when it limits nothing. */
export function resolveProcess(config: OverloadConfig | undefined): ProcessSettings | null {
  if (config === undefined) return null
  const { maxEventLoopDelay, maxEventLoopUtilization, maxHeapPercent } = config
  if (
    maxEventLoopDelay === undefined &&
    maxEventLoopUtilization === undefined &&
    maxHeapPercent === undefined
  )
    return null
  const share = (value: number | undefined): number =>
    value === undefined ? Number.POSITIVE_INFINITY : value / 100
  return {
    observe: config.mode === 'observe',
    delayMs:
      maxEventLoopDelay === undefined ? Number.POSITIVE_INFINITY : (durationMs(maxEventLoopDelay) as number),
    utilization: share(maxEventLoopUtilization),
    heap: share(maxHeapPercent),
    sampleMs: durationMs(config.sampleInterval ?? '500ms') as number,
    retryAfter: String(Math.max(1, Math.ceil((durationMs(config.retryAfter ?? '1s') as number) / 1_000)))
  }
}
