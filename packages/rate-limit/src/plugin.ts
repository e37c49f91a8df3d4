import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { addRateLimitFacts } from './facts.js'
import { rateLimitGauges } from './gauges.js'
import { rateLimitKey } from './keys.js'
import { RateLimiter } from './limiter.js'
import { rateLimitMonitoring } from './monitoring.js'
import { beginObserved } from './observing.js'
import { RATE_LIMITED } from './reasons.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/rate-limit`. */
    readonly rateLimits: RateLimiter
  }
}

/** Rate limits (`rateLimit`). Takes no options. */
export const rateLimit: FastifyPluginAsync = fp(
  async function rateLimit(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/rate-limit',
      options,
      [],
      "the configuration, policies and routes have 'rateLimit'"
    )
    const { gateway } = app
    const limiter = new RateLimiter(gateway)
    app.decorate('rateLimits', limiter)
    gateway.keys.add(rateLimitKey)
    gateway.reasons.add(RATE_LIMITED)
    beginObserved(gateway.events)
    addRateLimitFacts(gateway.facts, limiter)
    gateway.monitoring.push(rateLimitMonitoring)
    gateway.gauges.push(...rateLimitGauges(limiter))
    gateway.changes.push({
      name: 'rate-limit',
      prepare: (next, _previous, problems) => limiter.prepare(next, problems)
    })
  },
  { fastify: '5.x', name: '@gatewright/rate-limit', dependencies: ['@gatewright/core'] }
)
