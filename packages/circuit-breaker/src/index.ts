export type { Breakers } from './breakers.js'
export type { KeptBreaker, KeptBreakers } from './kept.js'
export * from './plugin.js'
export { circuitBreaker as default } from './plugin.js'
