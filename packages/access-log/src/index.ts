export * from './line.js'
export * from './plugin.js'
export * from './pretty.js'
