import { Agent, request as send } from 'node:http'
import type { TestContext } from 'node:test'

/** What one request came to. */
export interface Arrival {
  /** 0 when its answer broke off or never came. */
  readonly status: number
  /** Of a problem body; `''` for any other. */
  readonly reason: string
  readonly retryAfter: string
  readonly ms: number
}

const TICK_MS = 5
/** What a machine that stood still would have sent meanwhile is not made up for. */
const MOST_AT_ONCE = 50

/** Clients that do not care how the others fare: requests arrive at their rate, whatever has become of those before. */
export class ArrivingLoad {
  readonly arrivals: Arrival[] = []
  readonly #agent = new Agent({ keepAlive: true })
  readonly #url: string
  readonly #open = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout

  constructor(t: TestContext, url: string, perSecond: number) {
    this.#url = url
    let before = performance.now()
    let owed = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      owed = Math.min(MOST_AT_ONCE, owed + ((now - before) * perSecond) / 1_000)
      before = now
      for (; owed >= 1; owed--) this.#arrive()
    }, TICK_MS)
    t.after(() => this.stop())
  }

  /** No more arrive; what is under way is awaited. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
  }

  #arrive(): void {
    const over = this.#once().then((arrival) => {
      this.arrivals.push(arrival)
      this.#open.delete(over)
    })
    this.#open.add(over)
  }

  #once(): Promise<Arrival> {
    const begun = performance.now()
    return new Promise((resolve) => {
      const end = (status: number, reason = '', retryAfter = ''): void =>
        resolve({ status, reason, retryAfter, ms: performance.now() - begun })
      const request = send(this.#url, { agent: this.#agent }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text) => (body += text))
        response.on('error', () => {})
        response.on('close', () => {
          if (!response.complete) end(0)
          else end(response.statusCode as number, reasonOf(body), response.headers['retry-after'])
        })
      })
      request.on('error', () => end(0))
      request.end()
    })
  }
}

function reasonOf(body: string): string {
  return body.startsWith('{') ? (JSON.parse(body) as { reason: string }).reason : ''
}
