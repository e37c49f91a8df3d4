export type { Forced } from './endpoint-state.js'
export type { EndpointReport, Health } from './health.js'
export * from './plugin.js'
export { health as default } from './plugin.js'
