import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that a demonstration service has received. */
export interface DemoRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What it answers, as JSON. Status 200 unless it says otherwise. */
export interface DemoAnswer {
  readonly status?: number
  readonly body: unknown
}

/** A small service for demonstrations and drills. It can be killed and started again. */
export class DemoUpstream {
  readonly name: string
  /** Requests it has answered. */
  answered = 0
  readonly #answer: (request: DemoRequest) => DemoAnswer
  #server: Server | null = null
  #port: number

  /** Without `answer` it tells what it was asked. `port` 0: a free one. */
  constructor(name: string, answer?: (request: DemoRequest) => DemoAnswer, port = 0) {
    this.name = name
    this.#answer = answer ?? (({ method, url, headers }) => ({ body: { from: name, method, url, headers } }))
    this.#port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, after {@link kill} on the same port as before. */
  async start(host = '127.0.0.1'): Promise<this> {
    const server = createServer(async (request, response) => {
      try {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk)
        const { method = 'GET', url = '/', headers } = request
        const { status = 200, body } = this.#answer({
          method,
          url,
          headers,
          body: Buffer.concat(chunks).toString()
        })
        this.answered += 1
        response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
      } catch {
        // The client has left, or the service was killed, in the middle of a request.
        response.destroy()
      }
    })
    server.listen(this.#port, host)
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Lets the process end while it listens. */
  unref(): this {
    this.#server?.unref()
    return this
  }

  /** Goes away at once, with all its connections. */
  kill(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
    this.#server = null
  }
}

/** Starts two services that tell what they were asked, and returns their URLs. */
export async function startTwo(names: readonly [string, string] = ['a', 'b']): Promise<string[]> {
  const upstreams = await Promise.all(names.map((name) => new DemoUpstream(name).start()))
  return upstreams.map((upstream) => upstream.unref().url)
}
