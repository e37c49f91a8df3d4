import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { processTimers } from '@gatewright/core'
import { seededChance } from '@gatewright/testing'
import { Session, type SessionOwner } from '../../../packages/filters/dist/grpc/session.js'
import { GrpcTarget } from '../../../packages/filters/dist/grpc/target.js'
import { activeResources, until, watchLeaks } from '../support/leaks.js'

const clock = () => performance.now()

type Act = (stream: ServerHttp2Stream) => void
/** What Node documents of every session and its types leave out. */
type Numbered = ClientHttp2Session & { setNextStreamID(id: number): void }

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.alloc(5))
}

/** A server of HTTP/2 and a target that calls it. */
async function called(t: TestContext, act: Act) {
  const server = createServer({ settings: { maxConcurrentStreams: 50 } })
  let streams = 0
  server.on('session', (session) => session.on('error', () => {}))
  server.on('stream', (stream) => {
    streams++
    stream.on('error', () => {}).on('close', () => streams--)
    stream.resume().on('end', () => stream.destroyed || act(stream))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const target = new GrpcTarget(
    { url, tls: null, keepAliveMs: 0 },
    { clock, timers: processTimers, chance: seededChance(1) }
  )
  t.after(() => target.destroy())
  return { target, server, url, streams: () => streams }
}

const options = { path: '/a.B/C', message: Buffer.from('question'), metadata: {}, maxBytes: 1_024 }

test('ten thousand calls that are answered, late, refused, cut off and cancelled leave nothing behind', async (t) => {
  const { warnings } = watchLeaks(t)
  const chance = seededChance(3)
  const { target, streams } = await called(t, (stream) => {
    const what = chance()
    if (what < 0.8) answer(stream)
    else if (what < 0.85) stream.close(7)
    else if (what < 0.9) stream.close(2)
    else if (what < 0.95) stream.respond({ ':status': 503 }, { endStream: true })
    else if (what > 0.9995) stream.session?.close()
  })
  const ended = { answered: 0, failed: 0, cancelled: 0 }
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const cancels = chance() < 0.05
      const call = target.call({ ...options, timeoutMs: 500 }, (error) => {
        if (error === null) ended.answered++
        else ended.failed++
        resolve()
      })
      if (cancels && !call.isOver) {
        call.cancel()
        ended.cancelled++
        resolve()
      }
    })
  await one()
  await until(() => streams() === 0)
  const before = activeResources()
  let left = 10_000
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: 100 }, worker))
  assert.equal(ended.answered + ended.failed + ended.cancelled, 10_001)
  assert.ok(ended.answered > 5_000, JSON.stringify(ended))
  await until(() => streams() === 0 && target.sessions === 1)
  assert.equal(target.waiting, 0)
  assert.deepEqual(warnings, [])
  // A timer may be left until its time: no more than were there before, and a ping.
  await until(() => (activeResources().Timeout ?? 0) <= (before.Timeout ?? 0) + 2)
  assert.ok((activeResources().TCPSocketWrap ?? 0) <= (before.TCPSocketWrap ?? 0))
})

test('a connection without numbers for calls is left, and the call goes on another', async (t) => {
  const { target, url } = await called(t, answer)
  const events: string[] = []
  let http2: Numbered | undefined
  const owner: SessionOwner = {
    room: () => events.push('room'),
    leaving: () => events.push('leaving'),
    closed: (_session, because) => events.push(`closed: ${because}`)
  }
  const session = new Session(
    () => {
      http2 = connect(url) as Numbered
      return http2
    },
    owner,
    processTimers,
    { connectMs: 5_000, pingMs: 1_000, keepAliveMs: 0 }
  )
  t.after(() => session.destroy())
  await until(() => session.hasRoom)
  http2?.setNextStreamID(2 ** 31 - 1)
  const headers = { ':method': 'POST', ':path': '/', ':scheme': 'http', ':authority': 'x' }
  session
    .begin(headers)
    .on('error', () => {})
    .resume()
    .end()
  await until(() => events.filter((one) => one === 'room').length === 2)
  const stream = session.begin(headers)
  let isOver = false
  stream
    .on('error', () => {})
    .on('close', () => {
      isOver = true
    })
  await until(() => isOver)
  assert.equal(session.mayHaveSeen(stream), false)
  assert.equal(session.isUsable, false)
  await until(() => events.some((one) => one.startsWith('closed')))
  assert.equal(events.includes('leaving'), true)
  await new Promise<void>((resolve) =>
    target.call({ ...options, timeoutMs: 5_000 }, (error) => {
      assert.equal(error, null)
      resolve()
    })
  )
})

test('calls beyond what the server allows wait, a thousand of them, and further ones fail at once', async (t) => {
  const held: ServerHttp2Stream[] = []
  let holds = true
  const { target } = await called(t, (stream) => {
    if (holds) held.push(stream)
    else answer(stream)
  })
  const results: string[] = []
  const call = () =>
    target.call({ ...options, timeoutMs: 60_000 }, (error) =>
      results.push(error === null ? 'answered' : error.message)
    )
  call()
  await until(() => held.length === 1)
  const calls = Array.from({ length: 1_049 }, call)
  assert.equal(target.waiting, 1_000)
  assert.deepEqual(results, [])
  call()
  assert.match(String(results), /RESOURCE_EXHAUSTED: 1000 calls are waiting/)
  // Those that were given up make room in the line.
  for (const one of calls.slice(100, 400)) one.cancel()
  call()
  assert.equal(results.length, 1)
  assert.equal(target.waiting, 701)
  await until(() => held.length === 50)
  holds = false
  for (const stream of held) answer(stream)
  await until(() => results.length === 1 + 1_050 - 300 + 1)
  assert.equal(results.filter((one) => one === 'answered').length, 751)
})

test('a target that is given up answers what is under way, and fails what comes', async (t) => {
  let waits: ServerHttp2Stream | undefined
  const { target } = await called(t, (stream) => {
    waits = stream
  })
  const results: string[] = []
  const call = () =>
    target.call({ ...options, timeoutMs: 60_000 }, (error) => results.push(error?.message ?? 'answered'))
  call()
  await until(() => waits !== undefined)
  target.close()
  call()
  assert.match(results[0] ?? '', /given the service up/)
  answer(waits as ServerHttp2Stream)
  await until(() => results.length === 2)
  assert.equal(results[1], 'answered')
  await until(() => target.sessions === 0)
})

test('an address that cannot be dialled fails calls, and is dialled again after a while', async () => {
  const waits: number[] = []
  let again: () => void = () => {}
  const timers = {
    after(ms: number, task: () => void) {
      if (ms < 1_000) {
        waits.push(ms)
        again = task
      }
      return () => {}
    },
    every: () => () => {}
  }
  const target = new GrpcTarget(
    { url: new URL('https://127.0.0.1:1'), tls: { cert: 'no certificate', key: 'no key' }, keepAliveMs: 0 },
    { clock, timers, chance: () => 0.5 }
  )
  const results: string[] = []
  for (let i = 0; i < 3; i++) {
    target.call({ ...options, timeoutMs: 5_000 }, (error) => results.push(error?.message ?? ''))
    await setImmediate()
    again()
  }
  assert.equal(results.length, 3)
  for (const one of results) assert.match(one, /UNAVAILABLE: no connection/)
  assert.deepEqual(waits, [100, 200, 400, 800].slice(0, waits.length))
  target.destroy()
})

/** Timers that run when the test says so. */
function heldTimers() {
  const tasks = new Map<() => void, number>()
  const hold = (ms: number, task: () => void) => {
    const one = () => task()
    tasks.set(one, ms)
    return () => void tasks.delete(one)
  }
  return { timers: { after: hold, every: hold }, waits: () => [...tasks.values()].sort((a, b) => a - b) }
}

test('an idle connection is pinged only where that is asked for, and an answered ping leaves nothing to wait for', async (t) => {
  for (const keepAliveMs of [0, 20_000]) {
    const { server, url } = await called(t, answer)
    let pings = 0
    server.on('session', (one) => one.on('ping', () => pings++))
    const { timers, waits } = heldTimers()
    let rooms = 0
    const owner: SessionOwner = { room: () => rooms++, leaving: () => {}, closed: () => {} }
    const session = new Session(() => connect(url), owner, timers, {
      connectMs: 5_000,
      pingMs: 1_000,
      keepAliveMs
    })
    assert.deepEqual(waits(), [5_000])
    await until(() => rooms > 0)
    assert.deepEqual(waits(), keepAliveMs === 0 ? [] : [20_000])
    session.ping()
    await until(() => pings === 1)
    await until(() => !waits().includes(1_000))
    assert.deepEqual(waits(), keepAliveMs === 0 ? [10_000] : [10_000, 20_000])
    // Too soon for another, where no call has been answered.
    session.ping()
    assert.equal(waits().includes(1_000), false)
    session.answered++
    session.ping()
    assert.equal(waits().includes(1_000), true)
    session.destroy()
    await until(() => waits().every((ms) => ms === 1_000))
  }
})
