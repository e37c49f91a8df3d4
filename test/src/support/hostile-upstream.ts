import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'

/** What is done to one request. */
export interface Assault {
  readonly bytes: string
  /** Where the bytes are split. */
  readonly at: number
  /** Whether what is behind the split is sent. */
  readonly rest: boolean
  readonly end: 'keep' | 'close' | 'reset'
}

const NUMBER = /[A-Z]+ \/\w+\/\w+\/(\d+) HTTP/

/**
 * An upstream that answers a request for `/…/…/<n>` with the `n`th assault: some bytes, then, when those have been read,
 * the rest, and then the end. It does not care what else a request says.
 */
export async function hostileUpstream(t: TestContext, assault: (n: number) => Assault): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    let received = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (!received.includes('\r\n\r\n')) return
      const number = NUMBER.exec(received)?.[1]
      received = ''
      if (number !== undefined) void attack(socket, assault(Number(number)))
    })
  })
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function attack(socket: Socket, { bytes, at, rest, end }: Assault): Promise<void> {
  if (at > 0) {
    socket.write(bytes.slice(0, at), 'latin1')
    await setImmediate()
    await setImmediate()
  }
  if (rest) socket.write(bytes.slice(at), 'latin1')
  if (end === 'close') socket.end()
  else if (end === 'reset') socket.resetAndDestroy()
}
