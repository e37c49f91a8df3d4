export { RetryBudget } from './budget.js'
export * from './plugin.js'
export { retry as default } from './plugin.js'
export { retryAfterMs } from './retry-after.js'
