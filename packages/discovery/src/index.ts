export type { DiscoveryFailed } from './events.js'
export * from './plugin.js'
export { discovery as default } from './plugin.js'
