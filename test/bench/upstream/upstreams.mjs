import { join } from 'node:path'
import { findBinary } from '../machine/binaries.mjs'
import { start, temporaryFolder } from '../machine/children.mjs'
import { loadCore } from '../machine/cores.mjs'
import { freePort, listening } from '../machine/ports.mjs'
import { here } from '../paths.mjs'
import { nginxUpstream } from './nginx-upstream.mjs'

const url = (port) => `http://127.0.0.1:${port}`

/** Runs `work` with the URLs of upstreams, which are stopped afterwards. */
export async function withUpstreams(starters, work) {
  const running = []
  try {
    for (const starter of starters) running.push(await starter())
    return await work(running.flatMap(({ urls }) => urls))
  } finally {
    await Promise.all(running.map(({ stop }) => stop()))
  }
}

/** Starts the cheapest upstream there is, on two ports: nginx, else Node. */
export async function startUpstream() {
  const binary = findBinary('nginx')
  if (binary === null) return startNodeUpstream({ count: 2 })
  const [sinkPort, ...ports] = [await freePort(), await freePort(), await freePort()]
  const folder = await temporaryFolder('upstream')
  const argv = await nginxUpstream({ binary, ports, sinkPort, folder })
  return up(start(argv, { core: loadCore }), ports)
}

/** Starts a Node upstream on `count` ports that waits before each answer. */
export async function startNodeUpstream({ count = 1, delayMs = 0 } = {}) {
  const ports = []
  while (ports.length < count) ports.push(await freePort())
  const env = { PORTS: ports.join(','), DELAY_MS: String(delayMs) }
  return up(
    start([process.execPath, join(here, 'upstream/node-upstream.mjs')], { core: loadCore, env }),
    ports
  )
}

async function up(child, ports) {
  try {
    for (const port of ports) await listening(port, child)
  } catch (error) {
    await child.stop()
    throw new Error(`the upstream ${error.message}`)
  }
  return { urls: ports.map(url), stop: child.stop }
}
