import { REASONS, type ReasonDefinition, type ReasonInfo, type ReasonTable } from '../config/reason.js'
import type { Route } from '../model/route.js'
import type { Snapshot } from '../model/snapshot.js'
import { Registration, SNAKE_CASE } from './registration.js'

/** A reason as a feature adds it. */
export interface AddedReason extends ReasonDefinition {
  /**
   * Whether requests of this route may be answered so: its series in metrics begin at zero, as Prometheus sees no increase
   * from nothing to one. Default: none begins.
   */
  mayAnswer?(route: Route, snapshot: Snapshot): boolean
}

/** All reasons of a gateway: `gateway.reasons`. Closed when the app becomes ready. */
export class ReasonRegistry {
  readonly #names = new Registration('reason', SNAKE_CASE, 'lower case, its words joined by _')
  readonly #table: Record<string, ReasonInfo> = Object.assign(Object.create(null), REASONS)
  readonly #added: AddedReason[] = []

  constructor() {
    for (const name of Object.keys(REASONS)) this.#names.take(name)
  }

  /** Adds reasons. Throws GW_REGISTRATION_INVALID for a wrong name or row, one that is there, or after the start. */
  add(...reasons: readonly AddedReason[]): void {
    for (const reason of reasons) {
      const { name, status, title, blames } = reason
      if (!Number.isInteger(status) || status < 400 || status > 599)
        this.#names.refuse(name, 'must have a status from 400 to 599')
      if (typeof title !== 'string' || title === '') this.#names.refuse(name, 'must have a title')
      if (!BLAMED.has(blames)) this.#names.refuse(name, "must blame 'client', 'gateway' or 'upstream'")
      this.#names.take(name)
      this.#table[name] = reason
      this.#added.push(reason)
    }
  }

  /** Every reason by name. */
  get table(): ReasonTable {
    return this.#table as unknown as ReasonTable
  }

  /** Those that features have added, in order. */
  get added(): readonly AddedReason[] {
    return this.#added
  }

  /** The gateway starts: nothing can be added any more. */
  close(): void {
    this.#names.close()
  }
}

const BLAMED: ReadonlySet<unknown> = new Set(['client', 'gateway', 'upstream'])
