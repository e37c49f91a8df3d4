import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { startGateway } from '../support/start-gateway.js'

const MIB = 1024 ** 2
const TOTAL = 100 * MIB
/** What may be under way: the buffers of four sockets, which the system sizes, and those of the streams. */
const UNDER_WAY = 40 * MIB
const LINES = { 'content-type': 'application/x-ndjson' }
const BLOCK = Buffer.from(
  `${JSON.stringify({ secret: 'x'.repeat(100), text: 'y'.repeat(4_000) })}\n`.repeat(16)
)
const CHANGED = Buffer.byteLength(`${JSON.stringify({ text: 'y'.repeat(4_000) })}\n`.repeat(16))

/** A gateway that drops a member of each line, before this upstream. */
async function dropping(t: TestContext, upstream: RequestListener): Promise<number> {
  const server = createServer(upstream).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const json = [{ remove: ['/secret'] }]
  const started = await startGateway(t, {
    pools: { things: { endpoints: [`http://127.0.0.1:${port}`] } },
    routes: [
      {
        path: '/*',
        pool: 'things',
        bodyLimit: '1GiB',
        transform: { request: { json }, response: { json } }
      }
    ]
  })
  return started.port
}

/** Sends blocks for as long as they are taken, and reads what becomes of them, slowly. Says how far ahead the sender was at most. */
class Passage {
  sentBytes = 0
  readBytes = 0
  most = 0

  async send(to: Writable): Promise<void> {
    while (this.sentBytes < TOTAL) {
      this.sentBytes += BLOCK.length
      if (!to.write(BLOCK)) await once(to, 'drain')
    }
    to.end()
  }

  async read(from: IncomingMessage): Promise<void> {
    for await (const chunk of from) {
      this.readBytes += (chunk as Buffer).length
      this.most = Math.max(this.most, this.sentBytes - (this.readBytes * BLOCK.length) / CHANGED)
      await new Promise(setImmediate)
    }
  }

  check(): void {
    assert.equal(this.readBytes, (this.sentBytes / BLOCK.length) * CHANGED)
    assert.ok(this.most < UNDER_WAY, `${Math.round(this.most / MIB)} MiB were under way`)
  }
}

test('100 MiB of lines are changed with few of them in memory: a client that reads slowly holds the upstream back', async (t) => {
  const passage = new Passage()
  const port = await dropping(t, (_request, response) => {
    response.writeHead(200, LINES)
    void passage.send(response)
  })
  const asked = httpRequest({ port, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  await passage.read(response)
  passage.check()
})

test('100 MiB of lines are changed on their way to the upstream: one that reads slowly holds the client back', async (t) => {
  const passage = new Passage()
  const port = await dropping(t, (request, response) => {
    void passage.read(request).then(() => response.end())
  })
  const sent = httpRequest({ port, method: 'POST', headers: LINES, agent: false })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  await passage.send(sent)
  const [{ statusCode }] = await answered
  assert.equal(statusCode, 200)
  passage.check()
})
