import type { OutlierSettings } from './settings.js'

/** How often an endpoint has been ejected, and until when it is. Pure: time is passed in, in milliseconds. */
export class Ejection {
  #times = 0
  #until = 0
  #lengthMs = 0

  isOn(now: number): boolean {
    return now < this.#until
  }

  /** When it ends; 0 when there was none. */
  get until(): number {
    return this.#until
  }

  /** How long the last one is, or was. */
  get lengthMs(): number {
    return this.#lengthMs
  }

  /**
   * Begins: for the base time × the number of times, at most the longest. The number falls by one for every base time
   * that has passed without ejection, as in Envoy.
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

  /** When the last one began; meaningless when there was none. */
  get began(): number {
    return this.#until - this.#lengthMs
  }

  /** Ends now, and does not count: the next one is no longer for it. */
  forgive(now: number): void {
    if (!this.isOn(now)) return
    this.#until = now
    this.#times--
  }

  /** Ends now. */
  end(now: number): void {
    if (this.isOn(now)) this.#until = now
  }
}

/** Whether one more of `total` endpoints may be ejected: within the share, at least one of several, never the last. */
export function mayEject(ejected: number, usable: number, total: number, maxShare: number): boolean {
  if (usable <= 1 || maxShare === 0) return false
  // 58 % of 50 are 29, and not what is left of 28.999….
  return ejected < Math.max(1, Math.floor(total * maxShare + 1e-9))
}
