const EVERY_MS = 25

/** Steady requests, whether or not earlier ones are answered. */
export class Load {
  readonly #running = new Set<Promise<void>>()
  readonly #reasons = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #ok = 0
  #failed = 0

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#timer = setInterval(() => {
      const one = this.#request(url, headers).finally(() => this.#running.delete(one))
      this.#running.add(one)
    }, EVERY_MS)
  }

  /** What came of the requests since it was asked last. */
  take(): { readonly ok: number; readonly failed: number } {
    const taken = { ok: this.#ok, failed: this.#failed }
    this.#ok = 0
    this.#failed = 0
    this.#reasons.clear()
    return taken
  }

  /** Whether the gateway has given this reason since. */
  seen(reason: string): boolean {
    return this.#reasons.has(reason)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#running)
  }

  async #request(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
    try {
      const response = await fetch(url, { headers })
      const body = await response.text()
      if (response.ok) this.#ok += 1
      else {
        this.#failed += 1
        this.#reasons.add(String(JSON.parse(body).reason))
      }
    } catch {
      this.#failed += 1
    }
  }
}
