export type { LimitReport, Overload } from './overload.js'
export * from './plugin.js'
export { overload as default } from './plugin.js'
export type { Signals } from './process-signals.js'
