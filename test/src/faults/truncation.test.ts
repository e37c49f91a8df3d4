import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { crlf, fakeUpstream, type RawResponse, rawClient } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

/** What a client gets, and how its connection ends. */
async function outcome(port: number, request: string): Promise<{ response: RawResponse; closed: string }> {
  const client = await rawClient(port)
  await client.write(request)
  const response = await client.response()
  if (response.framing === 'sized' && response.complete) client.close()
  return { response, closed: await client.closed }
}

/** An upstream that answers with these bytes and ends with a reset in the same segment, or an ordinary end. */
async function endingWith(t: TestContext, bytes: string, end: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(bytes, 'latin1')
      end(socket)
    })
  })
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

test(
  'to an HTTP/1.0 client an answer that breaks off is a reset, however it was framed',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    for (const framing of ['chunked', 'close'] as const)
      for (const end of ['reset', 'close'] as const) {
        if (framing === 'close' && end === 'close') continue
        for (let n = 0; n < 6; n++) {
          const held = upstream.hold()
          const client = await rawClient(port, { t })
          await client.write(crlf`GET / HTTP/1.0\nHost: a\n\n`)
          const { respond } = await held
          await respond.stream({ framing }).write('part')
          await client.until('part')
          respond[end]()
          await client.response()
          assert.equal(await client.closed, 'reset', `${framing}, ${end}`)
        }
      }
  }
)

for (const version of ['1.0', '1.1'])
  test(
    `an answer that only the connection ends is whole with an end and broken with a reset (HTTP/${version})`,
    bounded,
    async (t) => {
      const request = crlf`GET / HTTP/${version}\nHost: a\nConnection: close\n\n`
      const bytes = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nwhole or not'
      const ends = await startGateway(t, await endingWith(t, bytes, (socket) => socket.end()))
      for (let n = 0; n < 20; n++) {
        const { response, closed } = await outcome(ends.port, request)
        assert.equal(response.text, 'whole or not')
        assert.equal(response.complete, true)
        assert.equal(closed, 'end')
      }
      const resets = await startGateway(t, await endingWith(t, bytes, (socket) => socket.resetAndDestroy()))
      for (let n = 0; n < 20; n++) {
        const { response, closed } = await outcome(resets.port, request)
        if (response.status === 502) assert.equal(JSON.parse(response.text).reason, 'upstream_reset')
        else if (version === '1.1') assert.equal(response.complete, false)
        else assert.equal(closed, 'reset')
      }
    }
  )
