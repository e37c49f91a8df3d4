export { type RoutingOptions, routing as default, routing } from './plugin.js'
export { createRouteTable } from './table.js'
