import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerOptions } from './server-schema.js'

/** The probe listener. `/live` answers while the process runs; `/ready` only while it takes requests. */
export interface Probes {
  readonly port: number
  close(): void
}

/** Starts the probe listener, or does nothing when none was asked for. */
export async function startProbes(
  probes: ServerOptions['probes'],
  isReady: () => boolean
): Promise<Probes | null> {
  if (probes === undefined || probes === false) return null
  const { port = 8085, host = '0.0.0.0' } = probes === true ? {} : probes
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0]
    const known = path === '/live' || path === '/ready'
    const ok = path === '/live' || (path === '/ready' && isReady())
    const text = known ? (ok ? 'ok' : 'not ready') : 'not found'
    response.writeHead(ok ? 200 : known ? 503 : 404, {
      'content-type': 'text/plain',
      'cache-control': 'no-store'
    })
    response.end(request.method === 'HEAD' ? undefined : `${text}\n`)
  })
  await listen(server, port, host)
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}
