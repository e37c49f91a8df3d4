import type { Exchange } from '@gatewright/core'
import type { FieldChange, Outcome } from './filter.js'

/** What one filter has decided. */
export interface Verdict {
  readonly filter: string
  readonly phase: 'request' | 'response'
  readonly outcome: Outcome
  /** Whether it was only noted. */
  readonly observed: boolean
}

/** What filters have said of one request. */
export class FilterRecord {
  readonly verdicts: Verdict[] = []
  /** By the names of filters. An object without a prototype; `null` for nothing. */
  metadata: Record<string, Readonly<Record<string, unknown>>> | null = null
  /** What is to be changed in the response. */
  readonly responseChanges: FieldChange[] = []
  /** Request headers that filters have set or removed. */
  readonly written = new Set<string>()
  /** Filters that have let the request pass: they are asked about its response. */
  readonly passed = new Set<string>()

  note(filter: string, metadata: Readonly<Record<string, unknown>>): void {
    this.metadata ??= Object.create(null) as Record<string, Readonly<Record<string, unknown>>>
    this.metadata[filter] = metadata
  }
}

/** The records of exchanges. */
export class FilterRecords {
  readonly #slot: number

  constructor(slot: number) {
    this.#slot = slot
  }

  /** What is known of an exchange; `undefined` where no filter was asked. */
  find(exchange: Exchange): FilterRecord | undefined {
    return exchange.slot(this.#slot) as FilterRecord | undefined
  }

  of(exchange: Exchange): FilterRecord {
    const known = this.find(exchange)
    if (known !== undefined) return known
    const record = new FilterRecord()
    exchange.setSlot(this.#slot, record)
    return record
  }
}
