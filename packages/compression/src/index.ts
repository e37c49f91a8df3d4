export type * from './config/config.js'
export type { Coding } from './encoders.js'
export { compression, compression as default } from './plugin.js'
