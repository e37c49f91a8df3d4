export type * from './config/config.js'
export type {
  FieldChange,
  FilterAnswer,
  FilterFunctions,
  FilterRequest,
  FilterResponse,
  HeaderChanges,
  RequestDecision,
  ResponseDecision
} from './filter.js'
export type { Filters } from './filter-set.js'
export * from './plugin.js'
export { filters as default } from './plugin.js'
export { FILTER_DENIED, FILTER_UNAVAILABLE } from './reasons.js'
export type { FilterBreakerReport, FilterTargetReport } from './services.js'
