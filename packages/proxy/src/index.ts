export { type ProxyOptions, proxy as default, proxy } from './plugin.js'
