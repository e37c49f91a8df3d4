import { allRoutes, durationMs, type Gateway, type Monitoring } from '@gatewright/core'
import type { MetricsConfig } from './config/config.js'
import type { MetricsSettings } from './settings.js'

/** What a gateway must keep, with its defaults. */
export interface Objectives {
  /** Share of requests that neither end with a status of 500 and above nor break off, from 0 to 1. */
  readonly availability: number
  /** What the head of a response may take, in seconds: the upper end of a bucket. */
  readonly latency: number
  /** Share of requests that take no longer, from 0 to 1. */
  readonly latencyShare: number
}

/** What a running configuration has, as far as alerts and dashboards differ by it. */
export interface Inventory {
  readonly routes: readonly string[]
  readonly pools: readonly string[]
  /** What the features add that the configuration uses. */
  readonly monitoring: readonly Monitoring[]
  readonly hasProcess: boolean
  readonly objectives: Objectives
}

/** Takes the inventory of the configuration that runs. */
export function inventoryOf(
  { snapshot, monitoring }: Pick<Gateway, 'snapshot' | 'monitoring'>,
  settings: MetricsSettings
): Inventory {
  return {
    routes: [...allRoutes(snapshot)].map(({ id }) => id),
    pools: [...snapshot.pools.keys()],
    monitoring: monitoring.filter((one) => one.isUsed(snapshot)),
    hasProcess: settings.process,
    objectives: objectivesOf(snapshot.config.metrics, settings.buckets)
  }
}

function objectivesOf(config: MetricsConfig | undefined, buckets: readonly number[]): Objectives {
  const {
    availability = 99.9,
    latency = '500ms',
    latencyPercent = 99
  } = (typeof config === 'object' ? config.slo : undefined) ?? {}
  const seconds = (durationMs(latency) ?? 500) / 1_000
  return {
    availability: availability / 100,
    latency: buckets.find((bound) => bound >= seconds) ?? (buckets.at(-1) as number),
    latencyShare: latencyPercent / 100
  }
}
