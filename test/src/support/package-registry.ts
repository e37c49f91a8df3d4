import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { PackedPackage } from './packed-packages.js'

/** A registry with nothing but this repository's packages. */
export interface PackageRegistry {
  readonly url: string
  close(): void
}

/** Serves packages from the tarballs in a folder, as a registry of npm does. */
export async function startRegistry(
  folder: string,
  packages: readonly PackedPackage[]
): Promise<PackageRegistry> {
  const byName = new Map(packages.map((one) => [one.manifest.name, one]))
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1)
    const tarball = packages.find(({ file }) => path === `-/${file}`)
    if (tarball !== undefined) return response.end(readFileSync(join(folder, tarball.file)))
    const found = byName.get(path)
    if (found === undefined) return response.writeHead(404).end('{}')
    const { manifest, file } = found
    const integrity = `sha512-${createHash('sha512')
      .update(readFileSync(join(folder, file)))
      .digest('base64')}`
    const dist = { tarball: `http://${request.headers.host}/-/${file}`, integrity }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        name: manifest.name,
        'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist } }
      })
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => void server.close().closeAllConnections()
  }
}
