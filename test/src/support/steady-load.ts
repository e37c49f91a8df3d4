import { Agent, request as send } from 'node:http'
import type { TestContext } from 'node:test'

/** What came of one request: its status, or `broken` when its answer broke off or never came. */
export type Seen = number | 'broken'

/** Clients that send one request after another until they are told to stop. */
export class SteadyLoad {
  readonly seen: Seen[] = []
  /** How long each of them took, in milliseconds. */
  readonly times: number[] = []
  readonly #agent = new Agent({ keepAlive: true })
  readonly #url: string
  readonly #method: string
  #stopped = false
  #waiting: { count: number; done: () => void }[] = []
  readonly #clients: Promise<void>[]

  constructor(t: TestContext, url: string, { clients = 8, method = 'GET' } = {}) {
    this.#url = url
    this.#method = method
    this.#clients = Array.from({ length: clients }, () => this.#run())
    t.after(() => this.stop())
  }

  /** Resolves when that many more requests have been answered. */
  async more(count: number): Promise<void> {
    await new Promise<void>((done) => this.#waiting.push({ count: this.seen.length + count, done }))
  }

  /** Lets what is under way finish. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
    this.#agent.destroy()
  }

  /** How often each result occurred. */
  get tally(): Record<string, number> {
    const tally: Record<string, number> = {}
    for (const seen of this.seen) tally[seen] = (tally[seen] ?? 0) + 1
    return tally
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const begun = performance.now()
      this.seen.push(await this.#once())
      this.times.push(performance.now() - begun)
      this.#waiting = this.#waiting.filter(({ count, done }) => {
        if (this.seen.length < count) return true
        done()
        return false
      })
    }
  }

  #once(): Promise<Seen> {
    return new Promise((resolve) => {
      const request = send(this.#url, { agent: this.#agent, method: this.#method }, (response) => {
        response.resume()
        response.on('close', () => resolve(response.complete ? (response.statusCode as number) : 'broken'))
        response.on('error', () => {})
      })
      request.on('error', () => resolve('broken'))
      request.end()
    })
  }
}
