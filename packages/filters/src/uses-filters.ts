import { allRoutes, isOn, type Snapshot } from '@gatewright/core'
import { filtersKey } from './keys.js'

/** Whether a configuration has any filters. */
export function usesFilters(snapshot: Snapshot): boolean {
  if (isOn(snapshot.config.filters)) return true
  for (const route of allRoutes(snapshot)) if (isOn(route.given(filtersKey.name))) return true
  return false
}
