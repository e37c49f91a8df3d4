import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Three upstreams, all of which fail for the last third of every `periodMs`. */
export async function startShop(periodMs: number): Promise<{ readonly urls: string[]; close(): void }> {
  const startedAt = Date.now()
  const isBad = (): boolean => (Date.now() - startedAt) % periodMs > (periodMs * 2) / 3
  const servers = Array.from({ length: 3 }, () =>
    createServer((_request, response) => {
      setTimeout(() => response.writeHead(isBad() ? 500 : 200).end('{}\n'), Math.random() * 40)
    }).listen(0, '127.0.0.1')
  )
  await Promise.all(servers.map((server) => once(server, 'listening')))
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    }
  }
}
