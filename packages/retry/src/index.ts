export * from './plugin.js'
