import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is wrong with an upstream. */
export type Fault = 'none' | 'slow' | 'errors'

/** A small service that can be broken and mended. */
export class Upstream {
  readonly name: string
  fault: Fault = 'none'
  #server: Server | null = null
  #port = 0

  constructor(name: string) {
    this.name = name
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens; after {@link kill}, on the same port as before. */
  async start(): Promise<void> {
    const server = createServer((_request, response) => {
      const { fault } = this
      setTimeout(
        () => response.writeHead(fault === 'errors' ? 500 : 200).end(this.name),
        fault === 'slow' ? 400 : 8
      )
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Goes away at once, with all its connections. */
  kill(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
  }
}
