import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync, FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { EndpointSeriesMap } from './endpoint-series.js'
import { EventCounters } from './event-counters.js'
import { Exposer } from './exposition.js'
import { FactCounters } from './fact-counters.js'
import { createFamilies, listed } from './families.js'
import { GaugeFamilies } from './gauge-families.js'
import { type Inventory, inventoryOf } from './inventory.js'
import { metricsKey } from './keys.js'
import { LabelCap } from './label-cap.js'
import { Metrics } from './metrics.js'
import { poolGauges } from './pool-gauges.js'
import type { Family } from './sample.js'
import {
  checkMetrics,
  type MetricsListener,
  type MetricsSettings,
  resolveMetrics,
  tokenOf
} from './settings.js'
import { Traffic } from './traffic.js'
import { beginAtZero } from './zeros.js'

/** Options of the plugin; `metrics` in the configuration has all others. */
export interface MetricsPluginOptions {
  /** Who serves them where the configuration does not say. Default: the app. */
  readonly listener?: MetricsListener
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/metrics` where `metrics` is on. */
    readonly metrics: Metrics
  }
}

/** Keeps them out of the documents of plugins such as @fastify/swagger. */
const HIDDEN = { hide: true } as FastifySchema

/** Metrics for Prometheus (`metrics`). */
export const metrics: FastifyPluginAsync<MetricsPluginOptions> = fp(
  async function metrics(app: FastifyInstance, options: MetricsPluginOptions) {
    checkPluginOptions('@gatewright/metrics', options, ['listener'])
    const { listener = 'app' } = options
    const { gateway } = app
    gateway.keys.add(metricsKey)
    gateway.checks.push((config) => checkMetrics(config, listener, process.env))
    const settings = resolveMetrics(gateway.given(metricsKey), listener)
    if (settings === null) return
    const shown = collect(app, settings)
    app.decorate('metrics', shown)
    if (settings.listener === 'app')
      for (const path of shown.paths)
        app.get(path, { schema: HIDDEN }, async function respondToScrape(request, reply) {
          const { status, headers, body } = await shown.answer(path, request.headers)
          return reply.code(status).headers(headers).serializer(String).send(body)
        })
  },
  { fastify: '5.x', name: '@gatewright/metrics', dependencies: ['@gatewright/core'] }
)

function collect({ gateway, log }: FastifyInstance, settings: MetricsSettings): Metrics {
  const { stages, events, gauges, reasons } = gateway
  const report = (error: unknown): void => log.error({ err: error }, 'a metric could not be read')
  const cap = new LabelCap(settings.maxLabelValues)
  const families = createFamilies(cap, settings.buckets)
  const endpoints = new EndpointSeriesMap(families, cap, gateway.clock, reasons.table)
  const traffic = new Traffic(families, endpoints)
  stages.observers.push(traffic)
  stages.exchangeObservers.push(traffic)
  const counters = new EventCounters(events, cap)
  const facts = new FactCounters(cap)
  gateway.facts.each((fact) => {
    if (facts.add(fact) && !stages.exchangeObservers.includes(facts)) stages.exchangeObservers.push(facts)
  })
  gateway.checks.push(() => taken(listed(families), [...counters.families, ...facts.families]))
  events.on('pool_endpoints', ({ pool, added, removed }) => {
    for (const endpoint of removed) endpoints.left(endpoint, pool.endpoints)
    for (const endpoint of added) endpoints.came(endpoint)
  })
  gateway.changes.push({
    name: 'metrics',
    prepare: (next) => ({
      commit() {
        beginAtZero(next, families, endpoints, reasons.added)
        counters.beginAtZero(next)
      }
    })
  })
  const measured = new GaugeFamilies(cap, report)
  const own = poolGauges(gateway)
  const exposer = new Exposer(
    () => {
      // First, as it makes room.
      const shownGauges = measured.of([...own, ...gauges])
      endpoints.sweep()
      return [...listed(families), ...facts.families, ...counters.families, ...shownGauges]
    },
    settings.process,
    report
  )
  const { path, listener, requireToken, tokenEnv } = settings
  const inventory = (): Inventory => inventoryOf(gateway.snapshot, settings)
  const shown = new Metrics({ path, listener, requireToken }, exposer, inventory, report)
  // Read when the configuration is checked, and not before: another plugin may bring the environment.
  if (requireToken)
    gateway.changes.push({
      name: 'metrics',
      prepare() {
        shown.useToken(tokenOf(tokenEnv, process.env))
        return undefined
      }
    })
  return shown
}

// What features count has names of its own.
function* taken(own: readonly Family[], others: readonly Family[]): Iterable<string> {
  for (const { name } of others)
    if (own.some((family) => family.name === name))
      yield `metrics: '${name}' cannot be counted by a plugin, as the gateway has it already; choose another name`
}
