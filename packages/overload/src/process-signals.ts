import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Importance } from '@gatewright/core'
import type { ProcessSettings } from './settings.js'

/** What was measured last. */
export interface Signals {
  /** Mean delay of the event loop in milliseconds. */
  readonly delayMs: number
  /** From 0 to 1. */
  readonly utilization: number
  /** Used part of V8's heap limit, from 0 to 1. */
  readonly heap: number
}

const RESOLUTION_MS = 10
// What matters least is refused before the threshold is reached.
const BULK_SHARE = 0.8

/** Measures the process since the last call. */
export function createSampler(): { sample(): Signals; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  return {
    sample() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      // The histogram counts whole intervals, the resolution included.
      const delayMs = Number.isNaN(delay.mean) ? 0 : Math.max(0, delay.mean / 1e6 - RESOLUTION_MS)
      delay.reset()
      const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics()
      return { delayMs, utilization, heap: used / most }
    },
    stop: () => void delay.disable()
  }
}

/** What the process is short of, for people, or `null`. Critical requests are always let in. */
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
