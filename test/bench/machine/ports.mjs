import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A loopback port that nobody listens on now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until `child` accepts connections on `port`. Throws when it ends first, or after 30 s. */
export async function listening(port, child) {
  const deadline = performance.now() + 30_000
  while (performance.now() < deadline) {
    if (!child.isAlive()) throw new Error(`ended at start: ${child.complaint()}`)
    if (await accepts(port)) return
    await sleep(20)
  }
  throw new Error(`does not listen after 30 s: ${child.complaint()}`)
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', (hadError) => resolve(!hadError))
  })
}
