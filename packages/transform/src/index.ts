export type * from './config/config.js'
export * from './plugin.js'
export { transform as default } from './plugin.js'
