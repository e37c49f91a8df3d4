export type * from './config/config.js'
export type { RateLimitCost } from './cost.js'
export type { RateLimitCostAfter } from './cost-after.js'
export {
  type FastifyRateLimitCount,
  type FastifyRateLimitStore,
  type FastifyRateLimitStoreClass,
  type FastifyRouteOptions,
  fastifyStore
} from './fastify-store.js'
export type { RateLimitKey, RateLimitKeyFunction, SingleRateLimitKey } from './key.js'
export type { RateLimiter, RateLimitReport } from './limiter.js'
export { MemoryStore, type MemoryStoreOptions } from './memory-store.js'
export * from './plugin.js'
export { rateLimit as default } from './plugin.js'
export { RATE_LIMIT_UNAVAILABLE, RATE_LIMITED } from './reasons.js'
export { type RedisClient, RedisStore, type RedisStoreOptions } from './redis-store.js'
export type { RateLimitRequest, RateLimitState, RateLimitStore } from './store.js'
