import { setTimeout as wait } from 'node:timers/promises'

const EVERY_MS = 25

/** One client that sends a request 40 times a second, as long as each is answered in time. */
export class Load {
  /** Answers of 200 to 299 since {@link reset}. */
  ok = 0
  /** Other answers, and requests without one, since then. */
  failed = 0
  /** Reasons that the gateway has given since then. */
  readonly reasons = new Set<string>()
  readonly #ended: Promise<void>
  #stopped = false

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#ended = this.#run(url, headers)
  }

  /** Begins to count anew. */
  reset(): void {
    this.ok = 0
    this.failed = 0
    this.reasons.clear()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#ended
  }

  async #run(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
    while (!this.#stopped) await Promise.all([this.#request(url, headers), wait(EVERY_MS)])
  }

  async #request(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
    try {
      const response = await fetch(url, { headers })
      const body = await response.text()
      if (response.ok) this.ok += 1
      else {
        this.failed += 1
        this.reasons.add(String(JSON.parse(body).reason))
      }
    } catch {
      this.failed += 1
    }
  }
}
