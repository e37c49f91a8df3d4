import type { AttemptRecord, Verdict } from '@gatewright/core'
import type { OutlierSettings } from './settings.js'

/** Faults in a row, by kind. */
export class Streaks {
  #errors = 0
  #gateway = 0
  #local = 0

  /** Counts an attempt. Returns what is wrong now, for people, or `null`. */
  count(
    { status, failure, overdue }: AttemptRecord,
    verdict: Verdict,
    settings: OutlierSettings
  ): string | null {
    if (verdict === 'neutral') return null
    if (verdict === 'success') {
      this.reset()
      return null
    }
    this.#errors++
    const local = failure !== null || overdue
    this.#local = local ? this.#local + 1 : 0
    this.#gateway = !local && status >= 502 && status <= 504 ? this.#gateway + 1 : 0
    const last = failure ?? (overdue ? 'given up for a faster one' : String(status))
    if (reached(this.#errors, settings.consecutiveErrors))
      return `${this.#errors} faults in a row, the last ${last}`
    if (reached(this.#gateway, settings.consecutiveGatewayErrors))
      return `${this.#gateway} gateway errors in a row, the last ${last}`
    if (reached(this.#local, settings.consecutiveLocalErrors))
      return `${this.#local} attempts without an answer in a row, the last ${last}`
    return null
  }

  reset(): void {
    this.#errors = this.#gateway = this.#local = 0
  }
}

function reached(count: number, threshold: number): boolean {
  return threshold > 0 && count >= threshold
}
