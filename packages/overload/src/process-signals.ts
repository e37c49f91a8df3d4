import {
  type EventLoopUtilization,
  type IntervalHistogram,
  monitorEventLoopDelay,
  performance
} from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { STALL_MS } from '@gatewright/core'
import type { Importance } from './config/config.js'
import type { ProcessSettings } from './settings.js'

/** The last measurement. */
export interface Signals {
  /** Mean event loop delay in milliseconds, without pauses of the whole process. */
  readonly delayMs: number
  /** From 0 to 1. */
  readonly utilization: number
  /** Used share of V8's heap limit, from 0 to 1. */
  readonly heap: number
}

const RESOLUTION_MS = 10
// Bulk requests are refused from this share of a threshold on.
const BULK_SHARE = 0.8

/** Event loop intervals in nanoseconds, as Node's monitor records them. */
export type TurnTimes = Pick<IntervalHistogram, 'count' | 'mean' | 'max' | 'reset'>

/**
 * Mean event loop delay in milliseconds. The part of the longest interval that exceeds the CPU time used since (`cpuMs`) is
 * subtracted: the process was paused for that time, which is no reason to refuse requests.
 */
function meanDelay({ count, mean, max }: Omit<TurnTimes, 'reset'>, cpuMs: number): number {
  if (!(count > 0)) return 0
  const stoppedMs = max / 1e6 - cpuMs
  const lostMs = stoppedMs >= STALL_MS ? stoppedMs : 0
  // Recorded intervals include the resolution.
  return Math.max(0, mean / 1e6 - lostMs / count - RESOLUTION_MS)
}

/** Measures the process since the last call. */
export function createSampler(
  turns: TurnTimes = monitored(),
  cpuTime: () => NodeJS.CpuUsage = process.cpuUsage
): { sample(): Signals; stop(): void } {
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  let cpuBefore = cpuMsOf(cpuTime())
  let cpuLast = 0
  return {
    sample() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      const cpuNow = cpuMsOf(cpuTime())
      const cpuMs = cpuNow - cpuBefore
      cpuBefore = cpuNow
      // After a pause, this may run before the monitor has recorded it.
      const delayMs = meanDelay(turns, cpuLast + cpuMs)
      cpuLast = cpuMs
      turns.reset()
      const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics()
      return { delayMs, utilization, heap: used / most }
    },
    stop: () => void (turns as Partial<IntervalHistogram>).disable?.()
  }
}

function monitored(): IntervalHistogram {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return delay
}

function cpuMsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}

/** The exceeded threshold as text, or `null`. Critical requests are always admitted. */
export function shortage(signals: Signals, settings: ProcessSettings, importance: Importance): string | null {
  if (importance === 'critical') return null
  const share = importance === 'bulk' ? BULK_SHARE : 1
  if (signals.delayMs >= settings.delayMs * share)
    return `the event loop is ${Math.round(signals.delayMs)} ms late`
  if (signals.utilization >= settings.utilization * share)
    return `the event loop is busy ${Math.round(signals.utilization * 100)} % of the time`
  if (signals.heap >= settings.heap * share) return `the heap is ${Math.round(signals.heap * 100)} % full`
  return null
}
