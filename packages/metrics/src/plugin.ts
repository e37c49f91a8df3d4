import { checkPluginOptions, settingIn } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync, FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { Collection } from './collection.js'
import { Exposer } from './exposition.js'
import { inventoryOf } from './inventory.js'
import { metricsKey } from './keys.js'
import { Metrics, pathsOf } from './metrics.js'
import { poolGauges } from './pool-gauges.js'
import { checkMetrics, type MetricsListener, readAtStart, resolveMetrics, tokenOf } from './settings.js'

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
    gateway.changes.push({
      name: 'metrics',
      readOnce: ({ metrics }) => readAtStart(metrics, listener),
      prepare: () => undefined
    })
    const settings = resolveMetrics(gateway.given(metricsKey), listener)
    if (settings === null) return
    const shown = collect(app, listener)
    app.decorate('metrics', shown)
    if (settings.listener === 'app')
      for (const path of pathsOf(settings.path))
        app.get(path, { schema: HIDDEN }, async function respondToScrape(request, reply) {
          if (shown.path === '') return reply.callNotFound()
          const { status, headers, body } = await shown.answer(path, request.headers)
          return reply.code(status).headers(headers).serializer(String).send(body)
        })
  },
  { fastify: '5.x', name: '@gatewright/metrics', dependencies: ['@gatewright/core'] }
)

function collect({ gateway, log }: FastifyInstance, usual: MetricsListener): Metrics {
  const { events, gauges } = gateway
  const report = (error: unknown): void => log.error({ err: error }, 'a metric could not be read')
  const shown = new Metrics(report)
  const own = poolGauges(gateway)
  let current: Collection | null = null
  events.each((name, { counters = [] }) => {
    for (const counter of counters) events.on(name, (event) => current?.counters.count(counter, event))
  })
  events.on('pool_endpoints', ({ pool, added, removed }) => {
    for (const endpoint of removed) current?.endpoints.left(endpoint, pool.endpoints)
    for (const endpoint of added) current?.endpoints.came(endpoint)
  })
  gateway.changes.push({
    name: 'metrics',
    prepare(next, _previous, problems) {
      const settings = resolveMetrics(settingIn(metricsKey, next.config), usual)
      if (settings === null)
        return {
          commit() {
            current = null
            shown.use(null)
          }
        }
      const collection = current?.fits(settings) ? current : new Collection(gateway, settings, report)
      problems.push(...collection.taken())
      collection.observe(next.stages)
      // Read when the configuration is prepared, and not before: another plugin may bring the environment.
      const token = settings.requireToken ? tokenOf(settings.tokenEnv, process.env) : ''
      return {
        reset:
          current === null || current === collection
            ? []
            : [{ pool: null, what: 'metrics', because: 'buckets have changed' }],
        commit() {
          current = collection
          // Not before: it observes the process, which a configuration that is only tried must not.
          const exposer = new Exposer(() => collection.shown([...own, ...gauges]), settings.process, report)
          shown.use({ settings, exposer, token, inventory: () => inventoryOf(gateway, settings) })
          // The committed snapshot is read from the gateway: a closure kept for `retire` must not hold it in memory.
          collection.begin(gateway.snapshot, settings)
        },
        retire: () => collection.retire()
      }
    }
  })
  return shown
}
