import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small service of the demo, which can be killed, broken and mended. */
export class DemoUpstream {
  readonly name: string
  readonly delayMs: number
  readonly weight: number
  /** Answers 500 while true. */
  failing = false
  #server: Server | null = null
  #port = 0

  constructor(name: string, delayMs: number, weight: number) {
    this.name = name
    this.delayMs = delayMs
    this.weight = weight
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens on a free port; after {@link kill}, on the same one as before. */
  async start(): Promise<void> {
    if (this.#server !== null) return
    const server = createServer((request, response) => {
      request.resume().once('end', () =>
        setTimeout(() => {
          const { name } = this
          const { method, url: path } = request
          const body = `${JSON.stringify(this.failing ? { broken: name } : { hello: `from ${name}`, method, path })}\n`
          response.writeHead(this.failing ? 500 : 200, {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body)
          })
          response.end(body)
        }, this.delayMs)
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
    this.#server = null
  }
}

/** Starts three small upstreams of different speed and weight on free ports. */
export async function startUpstreams(): Promise<DemoUpstream[]> {
  const upstreams = [
    new DemoUpstream('hare', 2, 3),
    new DemoUpstream('fox', 15, 2),
    new DemoUpstream('tortoise', 60, 1)
  ]
  await Promise.all(upstreams.map((upstream) => upstream.start()))
  return upstreams
}
