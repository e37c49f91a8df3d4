import type { SnapshotUsage } from '../model/snapshot-usage.js'
import type { Prepared } from './change.js'

/** Replaced configurations with running requests, oldest first, and what to release with each. */
export class Retiring {
  readonly #waiting: { readonly usage: SnapshotUsage; readonly prepared: readonly Prepared[] }[] = []
  readonly #failed: (error: unknown) => void

  /** `failed` receives what a part throws. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** How many configurations before the current one still have requests. */
  get size(): number {
    return this.#waiting.length
  }

  /**
   * A snapshot was replaced; the parts' `retire` is called when no request runs on it or on any before it. One response that
   * takes hours may hold back hundreds: of them nothing is kept but what has to be given up.
   */
  add(usage: SnapshotUsage, prepared: readonly Prepared[]): void {
    this.#waiting.push({ usage, prepared: prepared.filter(({ retire }) => retire !== undefined) })
    usage.ended = () => this.#retire()
    this.#retire()
  }

  // What an older one still uses, the newer ones may have in common with it.
  #retire(): void {
    while (this.#waiting[0]?.usage.open === 0)
      for (const one of this.#waiting.shift()?.prepared ?? []) {
        try {
          one.retire?.()
        } catch (error) {
          this.#failed(error)
        }
      }
  }
}
