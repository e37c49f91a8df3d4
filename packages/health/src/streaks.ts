import type { AttemptRecord, Verdict } from '@gatewright/core'
import type { OutlierSettings } from './settings.js'

/** Consecutive faults, by kind. */
export class Streaks {
  #errors = 0
  #gateway = 0
  #local = 0

  /** Records an attempt. Returns the cause for ejection as text, or `null`. */
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
    const last = failure ?? (overdue ? 'lost to a faster attempt' : String(status))
    if (reached(this.#errors, settings.consecutiveErrors))
      return `${this.#errors} faults in a row, the last ${last}`
    if (reached(this.#gateway, settings.consecutiveGatewayErrors))
      return `${this.#gateway} gateway errors in a row, the last ${last}`
    if (reached(this.#local, settings.consecutiveLocalErrors))
      return `${this.#local} attempts without a response in a row, the last ${last}`
    return null
  }

  reset(): void {
    this.#errors = this.#gateway = this.#local = 0
  }
}

function reached(count: number, threshold: number): boolean {
  return threshold > 0 && count >= threshold
}
