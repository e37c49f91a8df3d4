import type { FactRegistry } from '@gatewright/core'
import type { FilterRecords } from './record.js'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** What filters have decided, in order: `opa allowed, quota denied (observed)`. */
    filters: string
    /** What they have noted, as JSON by their names; cut after 2,000 characters. */
    filterMetadata: string
  }
}

const LONGEST = 2_000

/** Says where it is shown what filters have decided. */
export function addFilterFacts(facts: FactRegistry, records: FilterRecords): void {
  facts.add({
    name: 'filters',
    read(exchange) {
      const { verdicts = [] } = records.find(exchange) ?? {}
      return verdicts.length === 0
        ? null
        : verdicts
            .map(({ filter, outcome, observed }) => `${filter} ${outcome}${observed ? ' (observed)' : ''}`)
            .join(', ')
    },
    keys: ['filters'],
    log: 'filters',
    attribute: 'gatewright.filters'
  })
  facts.add({
    name: 'filterMetadata',
    read(exchange) {
      const { metadata = null } = records.find(exchange) ?? {}
      return metadata === null ? null : JSON.stringify(metadata).slice(0, LONGEST)
    },
    keys: ['filters'],
    log: 'filter_metadata'
  })
}
