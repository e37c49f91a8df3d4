import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fakeUpstream } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const MIB = 1024 ** 2
const SIZE = 64 * MIB
const PIECE = Buffer.alloc(64 * 1024, 'The quick brown fox jumps over the lazy dog. ')
/** More than the kernel takes for two loopback connections whose far end does not read, and much less than SIZE. */
const KERNEL = 32 * MIB
/** What the process may hold of a body: a few pieces and the buffers of the streams between. */
const HELD = 4 * MIB

const bounded = { timeout: 60_000 }

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Bytes of buffers that are in use. What was collected is given back some turns later. */
async function heldBytes(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    collectGarbage()
    await setImmediate()
  }
  return process.memoryUsage().arrayBuffers
}

/** Resolves when a count has not changed for many turns of the event loop: every socket has had its say. */
async function standsStill(count: () => number): Promise<void> {
  for (let turns = 0, last = -1; turns < 1_000; turns++) {
    if (count() !== last) {
      last = count()
      turns = 0
    }
    await setImmediate()
  }
}

function open(port: number, method: string): ClientRequest {
  return request({ port, host: '127.0.0.1', method, agent: false }).on('error', () => {})
}

async function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

/** What SIZE bytes of PIECE hash to. */
function expectedHash(): string {
  const hash = createHash('sha256')
  for (let sent = 0; sent < SIZE; sent += PIECE.length) hash.update(PIECE)
  return hash.digest('hex')
}

test('64 MiB go each way at once and arrive unchanged', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, singlePool(upstream.url, {}, { bodyLimit: false }))
  upstream.answers(async (seen, respond) => {
    // Piece by piece back, while the rest still comes.
    const body = respond.stream()
    for (let at = 0; at < SIZE; at += PIECE.length) {
      await seen.received(at + PIECE.length)
      await body.write(PIECE)
    }
    await body.end()
  })
  const sent = open(port, 'POST')
  const sending = (async () => {
    for (let at = 0; at < SIZE; at += PIECE.length) if (!sent.write(PIECE)) await once(sent, 'drain')
    sent.end()
  })()
  const hash = createHash('sha256')
  for await (const piece of await answerTo(sent)) hash.update(piece)
  await sending
  const expected = expectedHash()
  assert.equal(hash.digest('hex'), expected)
  const { body } = await (upstream.requests[0] as NonNullable<(typeof upstream.requests)[0]>).finished
  assert.equal(createHash('sha256').update(body).digest('hex'), expected)
})

test('a client that does not read stops the upstream, and memory stays as it is', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  let pushed = 0
  upstream.answers(async (_, respond) => {
    const body = respond.stream({ framing: 'sized', headers: { 'content-length': String(SIZE) } })
    for (; pushed < SIZE; pushed += PIECE.length) await body.write(PIECE)
    await body.end()
  })
  const before = await heldBytes()
  const response = await answerTo(open(port, 'GET').end())
  await standsStill(() => pushed)
  assert.ok(pushed < KERNEL, `the upstream could push ${pushed} bytes`)
  const held = (await heldBytes()) - before
  assert.ok(held < HELD, `${held} bytes are held`)

  let received = 0
  for await (const piece of response) received += piece.length
  assert.equal(received, SIZE)
  assert.equal(response.complete, true)
})

test('an upstream that does not read stops the client, and memory stays as it is', bounded, async (t) => {
  const upstream = await fakeUpstream(t, undefined, { keepBodies: false })
  const { port } = await startGateway(t, singlePool(upstream.url, {}, { bodyLimit: false }))
  const held = upstream.hold()
  const before = await heldBytes()
  const sent = open(port, 'PUT').setHeader('content-length', SIZE)
  let pushed = 0
  const sending = (async () => {
    for (; pushed < SIZE; pushed += PIECE.length)
      await new Promise<void>((resolve) => sent.write(PIECE, () => resolve()))
    sent.end()
  })()
  const { request: seen, respond } = await held
  seen.pause()
  await standsStill(() => pushed)
  assert.ok(pushed < KERNEL, `the client could push ${pushed} bytes`)
  const bytes = (await heldBytes()) - before
  assert.ok(bytes < HELD, `${bytes} bytes are held`)

  seen.resume()
  await sending
  await seen.finished
  assert.equal(seen.bodyBytes, SIZE)
  await respond.answer({ status: 201 })
  assert.equal((await answerTo(sent)).statusCode, 201)
})

test('a client that leaves while the upstream waits for it frees the upstream', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  let pushed = 0
  upstream.answers(async (_, respond) => {
    const body = respond.stream()
    for (; pushed < SIZE; pushed += PIECE.length) await body.write(PIECE)
  })
  const response = await answerTo(open(port, 'GET').end())
  await standsStill(() => pushed)
  response.destroy()
  const seen = await upstream.request(1)
  assert.equal(await seen.aborted, 'response')
})
