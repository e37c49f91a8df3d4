import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { joinWrites } from './joined-writes.js'

type Written = Buffer | string

/** Writes the parts in one turn; returns the calls to the kernel, and the received bytes. */
async function send(...pieces: [Written, BufferEncoding?][]): Promise<{ writes: number[]; arrived: Buffer }> {
  const writes: number[] = []
  const server = createServer((socket: Socket) => {
    const { _write: write } = socket
    socket._write = function counted(chunk: Written, ...rest) {
      writes.push(chunk.length)
      write.call(this, chunk, ...rest)
    }
    joinWrites(socket)
    socket.cork()
    for (const [piece, encoding = 'utf8'] of pieces) socket.write(piece as string, encoding)
    socket.uncork()
    socket.end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  const chunks: Buffer[] = []
  for await (const chunk of connect(port, '127.0.0.1')) chunks.push(chunk)
  server.close()
  return { writes, arrived: Buffer.concat(chunks) }
}

test('a head and a small body go out in one write, byte for byte', async () => {
  const { writes, arrived } = await send(['h\xe9ad', 'latin1'], [Buffer.from([0, 255, 10])], ['', 'latin1'])
  assert.deepEqual(writes, [7])
  assert.deepEqual(arrived, Buffer.from([104, 0xe9, 97, 100, 0, 255, 10]))
})

test('text in another encoding is left to Node', async () => {
  const { writes, arrived } = await send(['h\xe9ad', 'latin1'], ['gr\xfc\xdfe', 'utf8'])
  assert.deepEqual(writes, [])
  assert.deepEqual(arrived, Buffer.concat([Buffer.from('h\xe9ad', 'latin1'), Buffer.from('gr\xfc\xdfe')]))
})

test('large pieces are not copied', async () => {
  const body = Buffer.alloc(64 * 1024, 'b')
  const { writes, arrived } = await send(['head', 'latin1'], [body])
  assert.deepEqual(writes, [])
  assert.deepEqual(arrived, Buffer.concat([Buffer.from('head'), body]))
})
