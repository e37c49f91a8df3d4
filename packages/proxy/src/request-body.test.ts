import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
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

/** As {@link setUp}, where a hook has put a stream of its own in the place of the request. */
function setUpReplaced() {
  const time = virtualClock()
  const client = Object.assign(new PassThrough(), { complete: false })
  const made = new PassThrough()
  const body = new RequestBody(client as unknown as IncomingMessage, made, { most: 0, kept: 100 }, time.clock)
  return { body, client, made }
}

test("it is known since when the client's next bytes are waited for", async () => {
  const { body, client, time } = setUp({ most: 0, kept: 0 })
  const begun = time.now()
  const stream = body.open()
  assert.equal(body.waitedSince, 0)
  stream.resume()
  await setImmediate()
  assert.equal(body.waitedSince, begun)
  time.advance(50)
  client.write('some')
  await setImmediate()
  assert.equal(body.waitedSince, begun)
  stream.pause()
  client.write(MEBIBYTE)
  await setImmediate()
  assert.deepEqual([body.stalled, body.waitedSince], [true, 0])
  time.advance(50)
  stream.resume()
  await setImmediate()
  assert.deepEqual([body.stalled, body.waitedSince], [false, begun + 100])
  client.end()
  await once(stream, 'end')
  assert.equal(body.waitedSince, 0)
})

test('while no attempt reads the body, nothing is read from the client', async () => {
  const { body, client } = setUp({ most: 0, kept: 100 })
  const first = body.open().resume()
  await setImmediate()
  assert.equal(client.isPaused(), false)
  first.destroy()
  await setImmediate()
  assert.equal(client.isPaused(), true)
  const second = text(body.open())
  client.end('all')
  assert.equal(await second, 'all')
})

test('a stream that another attempt has replaced does not stop that one', async () => {
  const { body, client } = setUp({ most: 0, kept: 100 })
  const first = body.open().resume()
  client.write('a')
  await setImmediate()
  const second = text(body.open())
  await setImmediate()
  assert.deepEqual([first.destroyed, client.isPaused()], [true, false])
  client.end('b')
  assert.equal(await second, 'ab')
})

test('closed, a body is read no further, and nothing is kept', async () => {
  const { body, client } = setUp({ most: 0, kept: 100 })
  const stream = body.open().resume()
  client.write('a')
  await setImmediate()
  body.close()
  client.resume().end('more')
  await once(client, 'end')
  assert.deepEqual([body.received, body.ended, body.isKept, stream.destroyed], [1, false, false, true])
})

test("closed, a hook's stream is given nothing more of the request", () => {
  const { body, client, made } = setUpReplaced()
  client.pipe(made)
  body.open().resume()
  body.close()
  assert.equal(client.listenerCount('data'), 0)
})

test('closed, the request itself stays piped where it is', () => {
  const { body, client } = setUp()
  client.pipe(new PassThrough())
  body.close()
  assert.equal(client.listenerCount('data'), 1)
})

test('an error of the request is that the client has left', async () => {
  const { body, client } = setUp()
  const read = text(body.open())
  client.destroy(new Error('aborted'))
  await assert.rejects(read, { reason: 'client_closed' })
})

const UNDECODABLE = Object.assign(new Error('incorrect header check'), { code: 'Z_DATA_ERROR' })

test("an error of a hook's stream says what is wrong with the body, before and after it is read", async () => {
  for (const early of [true, false]) {
    const { body, made } = setUpReplaced()
    if (early) made.once('error', () => {}).destroy(UNDECODABLE)
    await setImmediate()
    const read = assert.rejects(text(body.open()), { reason: 'request_rejected' })
    await setImmediate()
    if (!early) made.destroy(UNDECODABLE)
    await read
  }
})

test("a hook's stream that fails when all has come does not fail the body", async () => {
  const { body, client, made } = setUpReplaced()
  const first = text(body.open())
  client.complete = true
  made.end('all')
  await first
  made.emit('error', UNDECODABLE)
  assert.equal(await text(body.open()), 'all')
})

test('a client that has left before its body is read has left', async () => {
  const { body, client } = setUp()
  client.destroy()
  await setImmediate()
  await assert.rejects(text(body.open()), { reason: 'client_closed' })
})

test('a stream of objects is no body', async () => {
  const client = new PassThrough({ objectMode: true })
  const { clock } = virtualClock()
  const body = new RequestBody(client as unknown as IncomingMessage, client, { most: 0, kept: 0 }, clock)
  const read = text(body.open())
  client.write({ a: 1 })
  await assert.rejects(read, { reason: 'internal_error' })
})

test("a hook's stream ends the body when the request has come whole, and not before", async () => {
  const { body, client, made } = setUpReplaced()
  const read = text(body.open())
  made.end('short')
  await once(made, 'close')
  assert.deepEqual([body.received, body.ended], [5, false])
  client.end()
  assert.equal(await read, 'short')
  assert.equal(body.ended, true)
})

test("a hook's stream that ends does not hide that the client has left", async () => {
  const { body, client, made } = setUpReplaced()
  const read = text(body.open())
  made.end('short')
  await once(made, 'close')
  client.destroy()
  await assert.rejects(read, { reason: 'client_closed' })
})

test('a limit of one byte is one', async () => {
  const { body, client } = setUp({ most: 1, kept: 1 })
  const read = text(body.open())
  client.end('ab')
  await assert.rejects(read, { reason: 'body_too_large' })
  const short = setUp({ most: 1, kept: 1 })
  short.client.end('a')
  assert.equal(await text(short.body.open()), 'a')
  assert.equal(short.body.isKept, true)
})

test('a body of which nothing is to be kept is not kept from the beginning', () => {
  for (const kept of [0, 1]) assert.equal(setUp({ most: 0, kept }).body.isKept, kept > 0)
})
