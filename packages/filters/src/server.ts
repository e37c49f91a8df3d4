export { type FilterServer, type FilterServerOptions, serveFilters } from './server/filter-server.js'
export type { CheckedRequest, FilterHandlers } from './server/handlers.js'
