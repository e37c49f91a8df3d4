import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small service for demonstrations and drills: answers every request with JSON, and can be killed and started again. */
export class DemoUpstream {
  readonly name: string
  /** Requests it has answered. */
  answered = 0
  #server: Server | null = null
  #port: number

  /** `port` 0: a free one. */
  constructor(name: string, port = 0) {
    this.name = name
    this.#port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, after {@link kill} on the same port as before. */
  async start(host = '127.0.0.1'): Promise<this> {
    const server = createServer((request, response) => {
      const { method, url, headers } = request
      this.answered += 1
      response.setHeader('content-type', 'application/json')
      response.end(`${JSON.stringify({ from: this.name, method, url, headers })}\n`)
    })
    server.listen(this.#port, host)
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Goes away at once, with all its connections. */
  kill(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
    this.#server = null
  }
}
