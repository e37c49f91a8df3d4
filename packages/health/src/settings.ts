import { durationMs } from '@gatewright/core'
import type { HealthConfig, OutlierConfig, SlowStartConfig, UnhealthyConfig } from './config/config.js'

/** Resolved probe settings. Times in milliseconds. */
export interface ProbeSettings {
  readonly protocol: 'http' | 'tcp' | 'grpc'
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly service: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly fastIntervalMs: number
  readonly healthy: StatusRanges
  readonly degraded: StatusRanges
  readonly expectsBody: ((body: string) => boolean) | null
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  readonly concurrency: number
  readonly check: HealthConfig['check'] | null
  readonly probeFirst: boolean
}

/** Inclusive ranges of statuses. */
export type StatusRanges = readonly (readonly [from: number, to: number])[]

/** Resolves a validated `health`; `null` for none. */
export function resolveProbes(config: HealthConfig | undefined): ProbeSettings | null {
  if (config === undefined) return null
  const intervalMs = durationMs(config.interval ?? '10s') as number
  const { expectedBody } = config
  return {
    protocol: config.protocol ?? 'http',
    path: config.path ?? '/',
    method: config.method ?? 'GET',
    headers: config.headers ?? {},
    service: config.service ?? '',
    intervalMs,
    timeoutMs: durationMs(config.timeout ?? '2s') as number,
    fastIntervalMs: Math.min(intervalMs, durationMs(config.fastInterval ?? '1s') as number),
    healthy: readRanges(config.expectedStatus ?? '200-399'),
    degraded: readRanges(config.degradedStatus ?? ''),
    expectsBody:
      typeof expectedBody === 'string' ? (body) => body.includes(expectedBody) : (expectedBody ?? null),
    healthyThreshold: config.healthyThreshold ?? 2,
    unhealthyThreshold: config.unhealthyThreshold ?? 3,
    concurrency: config.concurrency ?? 8,
    check: config.check ?? null,
    probeFirst: config.probeFirst ?? false
  }
}

/** Parses ranges such as `'200-299,304'`. */
export function readRanges(text: string): StatusRanges {
  if (text === '') return []
  return text.split(',').map((part) => {
    const [from, to = from] = part.split('-').map(Number) as [number, number?]
    return [from, to as number] as const
  })
}

/** Whether a status is in one of the ranges. */
export function isWithin(status: number, ranges: StatusRanges): boolean {
  return ranges.some(([from, to]) => status >= from && status <= to)
}

/** Resolved outlier settings; 0 is off. Times in milliseconds, shares from 0 to 1. */
export interface OutlierSettings {
  readonly observe: boolean
  readonly consecutiveErrors: number
  readonly consecutiveGatewayErrors: number
  readonly consecutiveLocalErrors: number
  readonly errorRate: number
  readonly latencyFactor: number
  readonly minRequests: number
  readonly windowMs: number
  readonly ejectionMs: number
  readonly maxEjectionMs: number
  readonly maxEjected: number
}

/** Resolves a validated `outlierDetection`; `null` when it is off. */
export function resolveOutliers(config: false | OutlierConfig | undefined): OutlierSettings | null {
  if (config === false) return null
  const options = config ?? {}
  return {
    observe: options.mode === 'observe',
    consecutiveErrors: options.consecutiveErrors ?? 5,
    consecutiveGatewayErrors: options.consecutiveGatewayErrors ?? 0,
    consecutiveLocalErrors: options.consecutiveLocalErrors ?? 5,
    errorRate: (options.errorRatePercent ?? 0) / 100,
    latencyFactor: options.latencyFactor ?? 0,
    minRequests: options.minRequests ?? 20,
    windowMs: durationMs(options.window ?? '10s') as number,
    ejectionMs: durationMs(options.ejection ?? '30s') as number,
    maxEjectionMs: durationMs(options.maxEjection ?? '5m') as number,
    maxEjected: (options.maxEjectionPercent ?? 50) / 100
  }
}

/** Resolved slow-start settings. Times in milliseconds, shares from 0 to 1. */
export interface SlowStartSettings {
  readonly windowMs: number
  readonly aggression: number
  readonly minShare: number
}

/** Resolves a validated `slowStart`; `null` for none. */
export function resolveSlowStart(config: SlowStartConfig | undefined): SlowStartSettings | null {
  if (config === undefined) return null
  return {
    windowMs: durationMs(config.window) as number,
    aggression: config.aggression ?? 1,
    minShare: (config.minWeightPercent ?? 10) / 100
  }
}

/**
 * The share of its weight that an endpoint gets `elapsedMs` after it began, as in Envoy's slow start:
 * max(minShare, (elapsed / window) ^ (1 / aggression)). From `minShare` to 1.
 */
export function rampAt(elapsedMs: number, { windowMs, aggression, minShare }: SlowStartSettings): number {
  if (elapsedMs >= windowMs) return 1
  return Math.max(minShare, (Math.max(0, elapsedMs) / windowMs) ** (1 / aggression))
}

/** Resolved settings for when no endpoint is usable. */
export interface UnhealthySettings {
  readonly policy: 'trickle' | 'all' | 'none'
  /** From 0 to 1. */
  readonly panicThreshold: number
}

/** Resolves a validated `unhealthy`. */
export function resolveUnhealthy(config: UnhealthyConfig | undefined): UnhealthySettings {
  return { policy: config?.policy ?? 'trickle', panicThreshold: (config?.panicThresholdPercent ?? 0) / 100 }
}
