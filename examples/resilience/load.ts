/** What clients have seen in one second. */
export interface Second {
  readonly ok: number
  readonly failed: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Clients that send `perSecond` GET requests, evenly, whatever becomes of them. */
export class Load {
  readonly #timer: NodeJS.Timeout
  #ok = 0
  #failed = 0
  #times: number[] = []

  constructor(url: string, perSecond: number) {
    let sent = 0
    const begin = performance.now()
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - begin) / 1000) * perSecond; sent < due; sent++)
        void this.#send(url)
    }, 10)
  }

  /** What has been seen since the last call. */
  take(): Second {
    const times = this.#times.sort((a, b) => a - b)
    const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0)
    const second = { ok: this.#ok, failed: this.#failed, p50: at(0.5), p99: at(0.99) }
    this.#ok = this.#failed = 0
    this.#times = []
    return second
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #send(url: string): Promise<void> {
    const begin = performance.now()
    try {
      const answer = await fetch(url)
      await answer.text()
      if (answer.ok) this.#ok++
      else this.#failed++
    } catch {
      this.#failed++
    }
    this.#times.push(performance.now() - begin)
  }
}
