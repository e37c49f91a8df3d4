import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { caddy } from './candidates/caddy.mjs'
import { haproxy } from './candidates/haproxy.mjs'
import { nginx } from './candidates/nginx.mjs'
import { findBinary } from './machine/binaries.mjs'
import { start, temporaryFolder } from './machine/children.mjs'
import { proxyCore } from './machine/cores.mjs'
import { freePort, listening } from './machine/ports.mjs'
import { here, peersFolder, root } from './paths.mjs'

/** The variant of other proxies that writes a line per request to a file. */
export const LOGGED = 'logged'

/** The gateway under test. */
export const GATEWRIGHT = 'gatewright'

/** The proxies that are compared, in the order of the reports. Each is one process. */
export const candidates = [
  fromSource(GATEWRIGHT, join(root, 'packages/gateway/lib/index.js')),
  fromSource('undici-dispatch', join(peersFolder, 'node_modules/undici')),
  fromSource('fastify-reply-from', join(peersFolder, 'node_modules/@fastify/reply-from')),
  fromSource('fastify-http-proxy', join(peersFolder, 'node_modules/@fastify/http-proxy')),
  fromSource('http-proxy', join(peersFolder, 'node_modules/http-proxy')),
  fromSource('http-proxy-3', join(peersFolder, 'node_modules/http-proxy-3')),
  fromDebian('caddy', caddy),
  fromDebian('haproxy', haproxy),
  fromDebian('nginx', nginx)
]

/** Starts the gateway in one of the configurations of `candidates/variants.mjs`, with options of Node's own. */
export function startGateway(upstreams, variant, nodeOptions = []) {
  return startCandidate(candidates[0], upstreams, variant, nodeOptions)
}

/** Starts a candidate on the proxy's core in front of `upstreams` and waits until it listens. */
export async function startCandidate({ command, missing, name }, upstreams, variant = '', nodeOptions = []) {
  const why = missing()
  if (why !== null) throw new Error(why)
  const port = await freePort()
  const folder = await temporaryFolder(name)
  const argv = await command({ port, upstreams, folder, nodeOptions, logged: variant === LOGGED })
  const env = {
    PORT: String(port),
    UPSTREAMS: upstreams.join(','),
    VARIANT: variant,
    HOME: folder,
    GOMAXPROCS: '1'
  }
  const child = start(argv, { core: proxyCore, env })
  try {
    await listening(port, child)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { ...child, port }
}

function fromSource(name, needs) {
  const script = join(here, 'candidates', `${name}.mjs`)
  return {
    name,
    script,
    missing: () => (existsSync(needs) ? null : `${needs.replace(root, '')} is not there`),
    command: ({ nodeOptions }) => [process.execPath, ...nodeOptions, script]
  }
}

function fromDebian(name, command) {
  return {
    name,
    missing: () => (findBinary(name) === null ? `${name} is not installed` : null),
    command: (where) => command({ ...where, binary: findBinary(name) })
  }
}
