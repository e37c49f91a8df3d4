import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { test } from 'node:test'
import { virtualClock } from '@gatewright/testing'
import { RequestBody } from './request-body.js'

const MEBIBYTE = Buffer.alloc(1024 * 1024)

function setUp(limits = { most: 0, kept: 0 }) {
  const time = virtualClock()
  // A request is for its body no more than a stream.
  const client = new PassThrough({ highWaterMark: 2 * MEBIBYTE.length })
  const body = new RequestBody(client as unknown as IncomingMessage, client, limits, time.clock)
  return { body, client, time }
}

async function text(stream: Readable): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

test('what an upstream does not take is not read from the client, until it takes it', async () => {
  const { body, client } = setUp()
  const stream = body.open()
  const readable = once(stream, 'readable')
  client.write(MEBIBYTE)
  await readable
  assert.deepEqual([body.stalled, client.isPaused(), body.waitedSince], [true, true, 0])
  stream.resume()
  client.end('more')
  await once(stream, 'end')
  assert.deepEqual([body.stalled, body.received], [false, MEBIBYTE.length + 4])
})

test('a client that leaves after its last byte has left nothing unsent', async () => {
  const { body, client, time } = setUp({ most: 0, kept: 100 })
  const first = body.open()
  client.end('all')
  assert.equal(await text(first), 'all')
  assert.deepEqual([body.ended, body.endedAt], [true, time.now()])
  client.destroy()
  client.emit('close')
  assert.equal(await text(body.open()), 'all')
})

test('a client that leaves before its last byte ends every attempt', async () => {
  const { body, client } = setUp({ most: 0, kept: 100 })
  const first = body.open()
  client.write('half')
  const failed = assert.rejects(text(first), { reason: 'client_closed' })
  client.destroy()
  await failed
  assert.equal(body.ended, false)
  await assert.rejects(text(body.open()), { reason: 'client_closed' })
})

test('a body of just the most bytes passes, and one more is refused', async () => {
  for (const [sent, passes] of [
    ['12345', true],
    ['123456', false]
  ] as const) {
    const { body, client } = setUp({ most: 5, kept: 0 })
    const read = text(body.open())
    client.end(sent)
    if (passes) assert.equal(await read, sent)
    else await assert.rejects(read, { reason: 'body_too_large' })
  }
})

test('a body of just what is kept can be sent again, and a longer one cannot', async () => {
  for (const [sent, kept] of [
    ['12345', true],
    ['123456', false]
  ] as const) {
    const { body, client } = setUp({ most: 0, kept: 5 })
    const read = text(body.open())
    client.end(sent)
    assert.equal(await read, sent)
    assert.equal(body.isKept, kept)
  }
})
