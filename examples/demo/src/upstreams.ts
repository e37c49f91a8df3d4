import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One of the demo's upstreams. */
export interface DemoUpstream {
  readonly name: string
  readonly url: string
  readonly weight: number
  readonly delayMs: number
  close(): void
}

const KINDS = [
  { name: 'hare', delayMs: 2, weight: 3 },
  { name: 'fox', delayMs: 15, weight: 2 },
  { name: 'tortoise', delayMs: 60, weight: 1 }
] as const

/** Starts three small upstreams of different speed and weight on free ports. */
export async function startUpstreams(): Promise<DemoUpstream[]> {
  return Promise.all(
    KINDS.map(async ({ name, delayMs, weight }) => {
      const server = serve(name, delayMs)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      return {
        name,
        url: `http://127.0.0.1:${port}`,
        weight,
        delayMs,
        close() {
          server.close()
          server.closeAllConnections()
        }
      }
    })
  )
}

function serve(name: string, delayMs: number): Server {
  return createServer((request, response) => {
    request.resume().once('end', () =>
      setTimeout(() => {
        const body = `${JSON.stringify({ hello: `from ${name}`, method: request.method, path: request.url })}\n`
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body)
        })
        response.end(body)
      }, delayMs)
    )
  })
}
