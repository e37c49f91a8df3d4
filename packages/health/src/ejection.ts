import type { OutlierSettings } from './settings.js'

/** The ejections of an endpoint: their number and the end of the last. Pure: time is passed in, in milliseconds. */
export class Ejection {
  #times = 0
  #until = 0
  #lengthMs = 0

  isOn(now: number): boolean {
    return now < this.#until
  }

  /** When the last ejection ends; 0 without one. */
  get until(): number {
    return this.#until
  }

  /** Duration of the last ejection. */
  get lengthMs(): number {
    return this.#lengthMs
  }

  /**
   * Begins an ejection that lasts the base time × the number of ejections, up to the maximum. As in Envoy, the number falls
   * by one for every base time without ejection.
   */
  begin(
    now: number,
    { ejectionMs, maxEjectionMs }: Pick<OutlierSettings, 'ejectionMs' | 'maxEjectionMs'>
  ): void {
    const rest = this.#until === 0 ? 0 : now - this.#until
    this.#times = Math.max(0, this.#times - Math.floor(rest / Math.max(1, ejectionMs))) + 1
    this.#lengthMs = Math.min(maxEjectionMs, ejectionMs * this.#times)
    this.#until = now + this.#lengthMs
  }

  /** When the last ejection began; meaningless without one. */
  get began(): number {
    return this.#until - this.#lengthMs
  }

  /** Ends the ejection without counting it towards the next duration. */
  forgive(now: number): void {
    if (!this.isOn(now)) return
    this.#until = now
    this.#times--
  }

  /** Ends the ejection. */
  end(now: number): void {
    if (this.isOn(now)) this.#until = now
  }
}

/** Whether another endpoint may be ejected: within the share, at least one of several, never the last usable one. */
export function mayEject(ejected: number, usable: number, total: number, maxShare: number): boolean {
  if (usable <= 1 || maxShare === 0) return false
  // Rounding: 58 % of 50 is 29, not 28.999….
  return ejected < Math.max(1, Math.floor(total * maxShare + 1e-9))
}
