export { RetryBudget } from './budget.js'
export * from './plugin.js'
export { retryAfterMs } from './retry-after.js'
