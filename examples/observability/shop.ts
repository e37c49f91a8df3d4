import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const PERIOD_MS = 30_000
const BAD_MS = 10_000

/** Three upstreams, all of which fail for the last ten of every thirty seconds. */
export async function startShop(): Promise<{ readonly urls: string[]; close(): void }> {
  const startedAt = Date.now()
  const isBad = (): boolean => (Date.now() - startedAt) % PERIOD_MS > PERIOD_MS - BAD_MS
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
