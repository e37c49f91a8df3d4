import dns from 'node:dns/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyListenOptions } from 'fastify'
import type { HttpServer } from './http-server.js'

/** What an address answers that this machine does not have. */
const NOT_HERE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Listens on every address that is meant: `localhost` is `127.0.0.1` and `::1`. Resolves with the URL of the first. */
export async function listenOnAll(app: FastifyInstance, options: FastifyListenOptions): Promise<string> {
  if (options.host !== 'localhost') return await app.listen(options)
  const [first = 'localhost', ...others] = await addressesOf('localhost')
  const url = await app.listen({ ...options, host: first })
  const { port } = app.server.address() as AddressInfo
  for (const host of others) {
    try {
      await (app.server as HttpServer).listenToo({ ...options, host, port })
      app.log.info(`Server listening at http://${host.includes(':') ? `[${host}]` : host}:${port}`)
    } catch (error) {
      if (NOT_HERE.has((error as NodeJS.ErrnoException).code ?? '')) continue
      app.log.warn({ err: error }, `localhost is ${host} too, where this gateway does not listen`)
    }
  }
  return url
}

// Node asks again, and says it better, when there is none.
async function addressesOf(host: string): Promise<string[]> {
  const found = await dns.lookup(host, { all: true }).catch(() => [])
  return found.length === 0 ? [host] : [...new Set(found.map(({ address }) => address))]
}
