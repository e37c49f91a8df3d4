import { durationMs, isOn, observes, type Snapshot } from '@gatewright/core'
import type { MetricsConfig } from './config/config.js'
import type { MetricsSettings } from './settings.js'

/** What a gateway must keep, with its defaults. */
export interface Objectives {
  /** Share of requests that neither end with a status of 500 and above nor break off, from 0 to 1. */
  readonly availability: number
  /** What the head of an answer may take, in seconds: the upper end of a bucket. */
  readonly latency: number
  /** Share of requests that take no longer, from 0 to 1. */
  readonly latencyShare: number
}

/** What a running configuration has, as far as alerts and dashboards differ by it. */
export interface Inventory {
  readonly routes: readonly string[]
  readonly pools: readonly string[]
  readonly hasBreakers: boolean
  readonly hasRetries: boolean
  readonly hasLimits: boolean
  readonly hasDiscovery: boolean
  /** Whether any endpoint is spoken to by TLS. */
  readonly hasTls: boolean
  readonly hasAccessLog: boolean
  readonly hasProcess: boolean
  readonly objectives: Objectives
}

/** Takes the inventory of a snapshot. */
export function inventoryOf(snapshot: Snapshot, settings: MetricsSettings): Inventory {
  const routes = [...snapshot.routes, ...snapshot.native.values()]
  const pools = [...snapshot.pools.values()]
  const whole = snapshot.config as Readonly<Record<string, unknown>>
  const given = (name: string): unknown[] => [...routes, ...pools].map((one) => one.given(name))
  return {
    routes: routes.map(({ id }) => id),
    pools: pools.map(({ id }) => id),
    hasBreakers: given('circuitBreaker').some((one) => isOn(one) && !observes(one)),
    hasRetries: [...given('retry'), ...given('hedge')].some(isOn),
    hasLimits: isOn(whole.overload) || given('concurrency').some(isOn),
    hasDiscovery: pools.some((pool) => isOn(pool.given('discovery'))),
    hasTls: pools.some(({ endpoints }) => endpoints.some(({ origin }) => origin.startsWith('https:'))),
    hasAccessLog: isOn(whole.accessLog),
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
