import { defineKey, type Key } from '@gatewright/core'
import { checkFilters } from './check.js'
import type { FiltersConfig } from './config/config.js'
import { filters as validate } from './config/validate.js'
import { type FilterSettings, resolveFilters } from './settings.js'

/** `filters` of the whole configuration, of policies and of routes; `null` for `false`. */
export const filtersKey: Key<FiltersConfig, readonly FilterSettings[] | null> = defineKey({
  name: 'filters',
  on: ['gateway', 'policy', 'route'],
  plugin: '@gatewright/filters',
  reload: 'live',
  validate,
  resolve: resolveFilters,
  check: checkFilters
})
