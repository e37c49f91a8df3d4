import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ReadBuffers } from './read-buffers.js'

const SIZE = 64 * 1024

/** A socket that reads into the buffers, and the far end of it. */
async function pair(t: TestContext, buffers: ReadBuffers): Promise<{ socket: Socket; peer: Socket }> {
  const server = createServer()
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    onread: buffers.onread()
  })
  const [peer] = (await once(server, 'connection')) as [Socket]
  t.after(() => {
    socket.destroy()
    peer.destroy()
  })
  return { socket, peer }
}

/** Reads `bytes` from the socket. */
async function read(socket: Socket, bytes: number, each: (chunk: Buffer) => void): Promise<void> {
  for (let seen = 0; seen < bytes; ) {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) await once(socket, 'readable')
    else {
      seen += chunk.length
      each(chunk)
    }
  }
}

/** Bytes that encode their position. */
function pattern(bytes: number, seed: number): Buffer {
  const all = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 4) all.writeUInt32LE((Math.imul(at, 2_654_435_761) ^ seed) >>> 0, at)
  return all
}

test('what is read is what was sent, in small and in large reads', async (t) => {
  const { socket, peer } = await pair(t, new ReadBuffers())
  for (const size of [4, 100, 4_096, 16_384, SIZE, 3 * SIZE, 1024 ** 2, 8, SIZE, 4]) {
    const sent = pattern(size, size)
    peer.write(sent)
    const chunks: Buffer[] = []
    await read(socket, size, (chunk) => chunks.push(chunk))
    assert.ok(Buffer.concat(chunks).equals(sent), `${size} bytes`)
  }
})

test('buffers that are given back are read into again, and few are made', async (t) => {
  const buffers = new ReadBuffers()
  const { socket, peer } = await pair(t, buffers)
  const used = new Set<ArrayBufferLike>()
  const sent = pattern(SIZE, 1)
  for (let round = 0; round < 200; round++) {
    peer.write(sent)
    await read(socket, SIZE, (chunk) => {
      if (chunk.length >= 16_384) used.add(chunk.buffer)
      buffers.release(chunk)
    })
  }
  // A joined chunk has a new buffer of its own, besides those of its two reads.
  assert.ok(used.size < 100, `${used.size} buffers for 200 rounds`)
})

test('a chunk that is not given back keeps its bytes', async (t) => {
  const buffers = new ReadBuffers()
  const { socket, peer } = await pair(t, buffers)
  const kept: Buffer[] = []
  const size = 32 * SIZE
  const sent = pattern(size, 7)
  peer.write(sent)
  let count = 0
  const copies: Buffer[] = []
  await read(socket, size, (chunk) => {
    copies.push(Buffer.from(chunk))
    if (count++ % 2 === 0) kept.push(chunk)
    else {
      kept.push(Buffer.from(chunk))
      buffers.release(chunk)
    }
  })
  assert.ok(Buffer.concat(kept).equals(sent))
  assert.ok(Buffer.concat(copies).equals(sent))
})

test('a chunk that does not reach the end of what was read gives nothing back', async (t) => {
  const buffers = new ReadBuffers()
  const { socket, peer } = await pair(t, buffers)
  const sent = pattern(40 * SIZE, 9)
  peer.write(sent)
  const halves: Buffer[] = []
  await read(socket, sent.length, (chunk) => {
    const half = chunk.length >> 1
    buffers.release(chunk.subarray(0, half))
    buffers.release(chunk.subarray(1, half))
    halves.push(chunk)
  })
  assert.ok(Buffer.concat(halves).equals(sent))
})

test('sockets that read at the same time do not mix', async (t) => {
  const buffers = new ReadBuffers()
  const pairs = await Promise.all(Array.from({ length: 8 }, () => pair(t, buffers)))
  await Promise.all(
    pairs.map(async ({ socket, peer }, index) => {
      for (const size of [SIZE * 5, 64, SIZE * 17, 20_000, SIZE * 3]) {
        const sent = pattern(size, index + size)
        peer.write(sent)
        const copies: Buffer[] = []
        await read(socket, size, (chunk) => {
          copies.push(Buffer.from(chunk))
          buffers.release(chunk)
        })
        assert.ok(Buffer.concat(copies).equals(sent), `socket ${index}, ${size} bytes`)
      }
    })
  )
})
