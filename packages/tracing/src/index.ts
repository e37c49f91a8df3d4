export * from './plugin.js'
export { tracing as default } from './plugin.js'
