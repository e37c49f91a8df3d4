import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Exposer } from './exposition.js'
import { createFamilies, listed } from './families.js'
import { beginAtZero, countEvents } from './happenings.js'
import { type Inventory, inventoryOf } from './inventory.js'
import { LabelCap } from './label-cap.js'
import { MeasuredFamily } from './measured.js'
import { Metrics } from './metrics.js'
import { poolMeasures } from './pool-measures.js'
import { checkMetrics, type MetricsListener, type MetricsSettings, resolveMetrics } from './settings.js'
import { Traffic } from './traffic.js'

/** Options of the plugin; `metrics` in the configuration has all others. */
export interface MetricsOptions {
  /** Who serves them where the configuration does not say. Default: the app. */
  readonly listener?: MetricsListener
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/metrics` where `metrics` is on. */
    readonly metrics: Metrics
  }
}

/** Metrics for Prometheus (`metrics`). */
export const metrics: FastifyPluginAsync<MetricsOptions> = fp(
  async function metrics(app: FastifyInstance, { listener = 'app' }: MetricsOptions) {
    const { gateway } = app
    gateway.features.add('metrics')
    gateway.checks.push((config) => checkMetrics(config, listener, process.env))
    const settings = resolveMetrics(gateway.usable.metrics, listener)
    if (settings === null) return
    const shown = collect(app, settings)
    app.decorate('metrics', shown)
    if (settings.listener === 'app')
      for (const path of shown.paths)
        app.get(path, async function answerScrape(request, reply) {
          const { status, headers, body } = await shown.answer(path, request.headers)
          return reply.code(status).headers(headers).serializer(String).send(body)
        })
  },
  { fastify: '5.x', name: '@gatewright/metrics', dependencies: ['@gatewright/core'] }
)

function collect({ gateway, log }: FastifyInstance, settings: MetricsSettings): Metrics {
  const { stages, events, measures } = gateway
  const report = (error: unknown): void => log.error({ err: error }, 'a metric could not be read')
  const cap = new LabelCap(settings.maxLabelValues)
  const families = createFamilies(cap, settings.buckets)
  const traffic = new Traffic(families, cap)
  stages.observers.push(traffic)
  stages.exchangeObservers.push(traffic)
  countEvents(gateway, families)
  events.on('pool_endpoints', ({ removed }) => {
    for (const endpoint of removed) traffic.left(endpoint)
  })
  gateway.compiled.push((snapshot) => beginAtZero(snapshot, families))
  const own = poolMeasures(gateway)
  const exposer = new Exposer(
    () => [
      ...listed(families),
      ...[...own, ...measures].map((measure) => new MeasuredFamily(measure, cap, report))
    ],
    () => traffic.sweep(),
    settings.process
  )
  const { path, listener, requireToken, tokenEnv } = settings
  const token = requireToken ? (process.env[tokenEnv] ?? '') : null
  const inventory = (): Inventory => inventoryOf(gateway.snapshot, settings)
  return new Metrics({ path, listener, token }, exposer, inventory, report)
}
