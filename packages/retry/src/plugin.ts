import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { describeRetryEvents } from './events.js'
import { hedgeKey, retryKey } from './keys.js'
import { retryMonitoring } from './monitoring.js'
import { Plans } from './plans.js'
import { Retrying } from './policy.js'

/** Retries (`retry`) and hedging (`hedge`) of pools, policies and routes. Takes no options. */
export const retry: FastifyPluginAsync = fp(
  async function retry(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/retry',
      options,
      [],
      "pools, policies and routes have 'retry' and 'hedge'"
    )
    const { gateway } = app
    const { clock, chance, events } = gateway
    const plans = new Plans(gateway.claimRouteSlot())
    const policy = new Retrying({ plans, clock, chance, events, wallClock: Date.now })
    gateway.monitoring.push(retryMonitoring)
    gateway.keys.add(retryKey, hedgeKey)
    describeRetryEvents(events)
    gateway.gauges.push({
      name: 'proxy_retry_budget_tokens',
      help: 'Retries and hedges that the budget of the route allows now.',
      type: 'gauge',
      labels: ['route'],
      read(show) {
        for (const [routeId, { budget }] of plans.all()) show(budget.available(clock()), routeId)
      }
    })
    gateway.changes.push({
      name: 'retry',
      *prepare(next) {
        const prepared = yield* plans.prepare(next)
        // Without retries or hedges, add no stages.
        if (prepared.count > 0) {
          next.stages.retry = policy
          next.stages.observers.push(policy)
          next.stages.filters.push(policy)
        }
        return prepared
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/retry', dependencies: ['@gatewright/core'] }
)
