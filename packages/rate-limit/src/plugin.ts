import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { addRateLimitFacts } from './facts.js'
import { rateLimitGauges } from './gauges.js'
import { rateLimitKey, rateLimitStoreKey } from './keys.js'
import { RateLimiter } from './limiter.js'
import { rateLimitMonitoring } from './monitoring.js'
import { beginObserved } from './observing.js'
import { RATE_LIMIT_UNAVAILABLE, RATE_LIMITED } from './reasons.js'
import { Stores } from './stores.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/rate-limit`. */
    readonly rateLimits: RateLimiter
  }
}

/** Rate limits (`rateLimit`, `rateLimitStore`). Takes no options. */
export const rateLimit: FastifyPluginAsync = fp(
  async function rateLimit(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/rate-limit',
      options,
      [],
      "the configuration, policies and routes have 'rateLimit'"
    )
    const { gateway } = app
    const stores = new Stores(gateway)
    const limiter = new RateLimiter(gateway, stores)
    app.decorate('rateLimits', limiter)
    gateway.keys.add(rateLimitKey, rateLimitStoreKey)
    gateway.reasons.add(RATE_LIMITED)
    gateway.reasons.add(RATE_LIMIT_UNAVAILABLE)
    beginObserved(gateway.events)
    addRateLimitFacts(gateway.facts, limiter)
    gateway.monitoring.push(rateLimitMonitoring)
    gateway.gauges.push(...rateLimitGauges(limiter, stores))
    // The store first: limits are asked where it is.
    gateway.changes.push({ name: 'rate limit store', prepare: (next) => stores.prepare(next) })
    gateway.changes.push({
      name: 'rate-limit',
      prepare: (next, _previous, problems) => limiter.prepare(next, problems)
    })
    app.addHook('onClose', async () => stores.close())
  },
  { fastify: '5.x', name: '@gatewright/rate-limit', dependencies: ['@gatewright/core'] }
)
