import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  Endpoint,
  type ResponseReceiver,
  resolvePool,
  type UpstreamConnection,
  type UpstreamRequest
} from '@gatewright/core'
import { connectorTo } from './connection.js'
import { ReadBuffers } from './read-buffers.js'
import { TlsContext } from './tls-context.js'

const GET: UpstreamRequest = { method: 'GET', path: '/', headers: [], body: null, last: false }

/** Records its calls, in order. */
class Receiver implements ResponseReceiver {
  readonly calls: string[] = []
  untilClose = false
  takes = true
  error: Error | null = null
  readonly over: Promise<void>
  onEnd = (): void => {}
  #settle: () => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  sending(): void {
    this.calls.push('sending')
  }
  began(): void {
    this.calls.push('began')
  }
  interim(status: number, fields: readonly Buffer[]): void {
    this.calls.push(`interim ${status} ${fields.join(' ')}`)
  }
  passedOver(): void {
    this.calls.push('passed over')
  }
  head(status: number, fields: readonly Buffer[], statusText: string): boolean {
    this.calls.push(`head ${status} ${statusText} ${fields.join(' ')}`)
    return this.untilClose
  }
  data(chunk: Buffer): boolean {
    this.calls.push(`data ${chunk}`)
    return this.takes
  }
  end(trailers: readonly Buffer[], reusable: boolean): void {
    this.calls.push(`end ${trailers.join(' ')} ${reusable ? 'reusable' : 'gone'}`)
    this.#settle()
    this.onEnd()
  }
  failed(error: Error): void {
    this.calls.push('failed')
    this.error = error
    this.#settle()
  }
}

interface Upstream {
  readonly connection: UpstreamConnection
  /** What `lost` was called with. */
  readonly lost: unknown[]
  /** The sockets that it has accepted. */
  readonly sockets: Socket[]
}

/** A connection to an upstream that answers so the n-th head that it reads. */
async function upstream(
  t: TestContext,
  answer: (socket: Socket, n: number, head: string) => void
): Promise<Upstream> {
  const sockets: Socket[] = []
  let requests = 0
  const server = createServer((socket) => {
    sockets.push(socket)
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      const head = text
      text = ''
      answer(socket, ++requests, head)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const endpoint = new Endpoint('a', new URL(`http://127.0.0.1:${port}`), 1)
  const lost: unknown[] = []
  const settings = resolvePool({})
  const connect = connectorTo(
    endpoint,
    { settings, tls: new TlsContext(settings.tls) },
    null,
    new ReadBuffers()
  )
  const connection = connect((error) => lost.push(error))
  t.after(async () => {
    await connection.destroy()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { connection, lost, sockets }
}

test('a response is reported in its order, its head and its trailers as they came', async (t) => {
  const { connection } = await upstream(t, (socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
    socket.write('HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nX-One: 1\r\nx-one: 2\r\n\r\n')
    socket.write('3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n')
  })
  const receiver = new Receiver()
  connection.begin(GET, receiver)
  await receiver.over
  assert.deepEqual(receiver.calls, [
    'sending',
    'began',
    'interim 103 Link </a>',
    'began',
    'head 200 Fine Transfer-Encoding chunked X-One 1 x-one 2',
    'data abc',
    'end X-Sum 3 reusable'
  ])
})

test('a receiver that takes no more is given nothing until it resumes', async (t) => {
  let more: () => void = () => {}
  const { connection } = await upstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc')
    more = () => socket.write('def')
  })
  const receiver = new Receiver()
  receiver.takes = false
  receiver.data = (chunk) => {
    Receiver.prototype.data.call(receiver, chunk)
    more()
    setImmediate(() => setImmediate(resume))
    return receiver.takes
  }
  const resume = (): void => {
    if (receiver.takes) return
    assert.deepEqual(receiver.calls.slice(3), ['data abc'])
    receiver.takes = true
    connection.resume()
  }
  connection.begin(GET, receiver)
  await receiver.over
  assert.deepEqual(receiver.calls.slice(3), ['data abc', 'data def', 'end  reusable'])
})

for (const [what, misbehave] of [
  ['a head', (receiver, error) => Object.assign(receiver, { head: () => raise(error) })],
  ['a chunk', (receiver, error) => Object.assign(receiver, { data: () => raise(error) })],
  ['an interim response', (receiver, error) => Object.assign(receiver, { interim: () => raise(error) })]
] as [string, (receiver: Receiver, error: Error) => void][])
  test(`what a receiver throws because of ${what} ends the connection, and comes back to it`, async (t) => {
    const { connection, sockets } = await upstream(t, (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc')
    })
    const receiver = new Receiver()
    const error = new Error('not this')
    misbehave(receiver, error)
    connection.begin(GET, receiver)
    await receiver.over
    assert.equal(receiver.error, error)
    assert.equal(receiver.calls.at(-1), 'failed')
    if (sockets[0]?.closed === false) await once(sockets[0] as Socket, 'close')
  })

test('of requests one after the other each has a receiver of its own, on one connection', async (t) => {
  const { connection, sockets } = await upstream(t, (socket, n) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${n}`)
  })
  const receivers = [new Receiver(), new Receiver()]
  for (const receiver of receivers) {
    connection.begin(GET, receiver)
    await receiver.over
  }
  assert.deepEqual(
    receivers.map(({ calls }) => calls[3]),
    ['data 1', 'data 2']
  )
  assert.equal(sockets.length, 1)
})

test('what goes wrong when a response has ended is not the next request’s', async (t) => {
  const { connection } = await upstream(t, (socket, n) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${n}`)
  })
  const [first, second] = [new Receiver(), new Receiver()]
  first.onEnd = () => {
    connection.begin(GET, second)
    throw new Error('at the end')
  }
  connection.begin(GET, first)
  await second.over
  assert.deepEqual(first.calls.slice(-1), ['end  reusable'])
  assert.deepEqual(second.calls, [
    'sending',
    'began',
    'head 200 OK Content-Length 1',
    'data 2',
    'end  reusable'
  ])
})

test('a 304 that declares the length it does not have is complete, and the last of its connection', async (t) => {
  const { connection } = await upstream(t, (socket) => {
    socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n')
  })
  const receiver = new Receiver()
  connection.begin(GET, receiver)
  await receiver.over
  assert.equal(receiver.calls.at(-1), 'end  gone')
})

test('a body that the end of its connection ends is complete, and the last of it', async (t) => {
  const { connection } = await upstream(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')
  })
  const receiver = new Receiver()
  receiver.untilClose = true
  connection.begin(GET, receiver)
  await receiver.over
  assert.deepEqual(receiver.calls.slice(-2), ['data all of it', 'end  gone'])
})

test('a body that ends before its length fails', async (t) => {
  const { connection } = await upstream(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  })
  const receiver = new Receiver()
  connection.begin(GET, receiver)
  await receiver.over
  assert.deepEqual(receiver.calls.slice(-2), ['data half', 'failed'])
})

test('a request that is broken off fails at once, and the upstream sees its connection close', async (t) => {
  let asked: () => void = () => {}
  const request = new Promise<void>((resolve) => {
    asked = resolve
  })
  const { connection, sockets } = await upstream(t, () => asked())
  const receiver = new Receiver()
  connection.begin(GET, receiver)
  await request
  connection.abort()
  assert.deepEqual(receiver.calls, ['sending', 'failed'])
  await once(sockets[0] as Socket, 'close')
})

test('before a request is sent there is only the connection to end', async (t) => {
  const { connection } = await upstream(t, () => {})
  const receiver = new Receiver()
  connection.begin(GET, receiver)
  connection.abort()
  assert.deepEqual(receiver.calls, [])
  await connection.destroy()
  assert.deepEqual(receiver.calls, ['failed'])
})

test('a connection that is lost between two requests says so, and is made anew for the next', async (t) => {
  const { connection, lost, sockets } = await upstream(t, (socket, n) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${n}`)
  })
  const [first, second] = [new Receiver(), new Receiver()]
  connection.begin(GET, first)
  await first.over
  sockets[0]?.end()
  await once(sockets[0] as Socket, 'close')
  assert.equal(lost.length, 1)
  connection.begin(GET, second)
  await second.over
  assert.equal(second.calls.at(-1), 'end  reusable')
  assert.equal(sockets.length, 2)
})

test('the last request of a connection says so to the upstream, and a HEAD is not the last', async (t) => {
  const seen: unknown[] = []
  const { connection, sockets } = await upstream(t, (socket, _n, head) => {
    seen.push(/^connection: .*$/m.exec(head)?.[0])
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  })
  for (const request of [{ ...GET, method: 'HEAD' }, GET, { ...GET, last: true }]) {
    const receiver = new Receiver()
    connection.begin(request, receiver)
    await receiver.over
  }
  assert.deepEqual(seen, ['connection: keep-alive', 'connection: keep-alive', 'connection: close'])
  assert.equal(sockets.length, 1)
  if (sockets[0]?.closed === false) await once(sockets[0] as Socket, 'close')
})

function raise(error: Error): never {
  throw error
}
