import assert from 'node:assert/strict'
import { pipeline, type Readable, Transform } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isUpstreamFault, type Reason } from '@gatewright/core'
import { crlf, fakeUpstream, gate, rawClient, rawRequest, type Script } from '@gatewright/testing'
import { assertCutOff } from '../support/cut-off.js'
import { activeResources, until, watchLeaks } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const GET = crlf`GET / HTTP/1.1
Host: a

`
const bounded = { timeout: 20_000 }

const NO_ANSWER: readonly [that: string, script: Script, reason: Reason][] = [
  ['that resets the connection', { cut: 'before-head', end: 'reset' }, 'upstream_reset'],
  ['that closes the connection', { cut: 'before-head' }, 'upstream_reset'],
  ['that closes in the middle of the head', { cut: 'mid-head' }, 'upstream_reset'],
  ['that resets in the middle of the head', { cut: 'mid-head', end: 'reset' }, 'upstream_reset'],
  ['that speaks another protocol', { raw: 'SSH-2.0-OpenSSH_9.2\r\n' }, 'upstream_protocol_error'],
  ['with a malformed status line', { raw: 'HTTP/1.1 abc OK\r\n\r\n' }, 'upstream_protocol_error'],
  ['with a status beyond 599', { status: 888 }, 'upstream_protocol_error'],
  ['with a malformed header line', { raw: 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n' }, 'upstream_protocol_error'],
  [
    'with more header bytes than it may send',
    { headers: { 'x-long': 'a'.repeat(100_000) } },
    'upstream_protocol_error'
  ],
  [
    'that switches protocols unasked',
    { raw: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n' },
    'upstream_protocol_error'
  ]
]

for (const [that, script, reason] of NO_ANSWER)
  test(`an upstream ${that} means 502 ${reason}`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, script)
    const started = await startGateway(t, upstream.url)
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.status, 502)
    assert.equal(response.header('content-type'), 'application/problem+json')
    assert.equal(JSON.parse(response.text).reason, reason)

    const { attempts } = await exchanges.nth(1)
    assert.equal(attempts.length, 1)
    assert.equal(attempts[0]?.failure, reason)
    assert.equal(attempts[0]?.sent, true)
    assert.equal(isUpstreamFault(attempts[0] as (typeof attempts)[number]), true)
    assert.equal(inFlight(started), 0)
    await upstream.connectionClosed(1)

    upstream.answers({ body: 'better' })
    await client.write(GET)
    assert.equal((await client.response()).text, 'better', 'the client connection goes on')
    assert.equal(upstream.requests[1]?.connection, 2)
  })

const FRAMINGS: readonly [name: string, answer: Exclude<Script, () => unknown>][] = [
  ['sized', { body: 'hello world' }],
  ['chunked', { body: ['hello ', 'world'], framing: 'chunked' }],
  ['chunked, connection: close', { body: 'hello', framing: 'chunked', headers: { connection: 'close' } }],
  ['sized, connection: close', { body: 'hello world', headers: { connection: 'close' } }],
  ['sized and large', { body: 'a'.repeat(200_000) }]
]

for (const [name, answer] of FRAMINGS)
  for (const cut of ['after-head', 'mid-body', 'before-end'] as const)
    for (const end of ['close', 'reset'] as const)
      test(`an answer (${name}) that ends ${cut} by a ${end} never looks complete`, bounded, async (t) => {
        const upstream = await fakeUpstream(t, { ...answer, cut, end })
        const started = await startGateway(t, upstream.url)
        const exchanges = watchExchanges(started)
        const client = await rawClient(started.port, { t })
        await client.write(GET)
        const response = await client.response()
        // What breaks off before the client has been told anything is an ordinary failure.
        if (response.status === 502) assert.equal(JSON.parse(response.text).reason, 'upstream_reset')
        else {
          assertCutOff(response)
          await client.closed
        }
        const { reason, attempts } = await exchanges.nth(1)
        assert.equal(reason, 'upstream_reset')
        assert.equal(attempts[0]?.failure, 'upstream_reset')
        assert.equal(inFlight(started), 0)
      })

interface Break {
  readonly name: string
  readonly head: string
  readonly piece: string
  /** What the upstream sends instead of the rest. */
  readonly instead: 'close' | 'reset' | string
  readonly reason: Reason
}

const SIZED = 'content-length: 10'
const CHUNKED = 'transfer-encoding: chunked'

const BREAKS: readonly Break[] = [
  { name: 'sized, closed', head: SIZED, piece: 'hello', instead: 'close', reason: 'upstream_reset' },
  { name: 'sized, reset', head: SIZED, piece: 'hello', instead: 'reset', reason: 'upstream_reset' },
  {
    name: 'chunked, closed',
    head: CHUNKED,
    piece: '5\r\nhello\r\n',
    instead: 'close',
    reason: 'upstream_reset'
  },
  {
    name: 'chunked, reset',
    head: CHUNKED,
    piece: '5\r\nhello\r\n',
    instead: 'reset',
    reason: 'upstream_reset'
  },
  {
    name: 'chunked with connection: close, closed',
    head: `${CHUNKED}\r\nconnection: close`,
    piece: '5\r\nhello\r\n',
    instead: 'close',
    reason: 'upstream_reset'
  },
  {
    name: 'delimited by close, reset',
    head: 'connection: close',
    piece: 'hello',
    instead: 'reset',
    reason: 'upstream_reset'
  },
  {
    name: 'chunked, a malformed chunk',
    head: CHUNKED,
    piece: '5\r\nhello\r\n',
    instead: 'zz\r\nmore\r\n',
    reason: 'upstream_protocol_error'
  }
]

for (const { name, head, piece, instead, reason } of BREAKS)
  for (const version of ['1.1', '1.0'])
    test(
      `an answer that breaks off after the client of HTTP/${version} has part of it is cut off (${name})`,
      bounded,
      async (t) => {
        const upstream = await fakeUpstream(t)
        const held = upstream.hold()
        const started = await startGateway(t, upstream.url)
        const exchanges = watchExchanges(started)
        const client = await rawClient(started.port, { t })
        await client.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
        const socket = (await held).respond.takeOver()
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${piece}`)
        await client.until('hello')
        if (instead === 'close') socket.destroy()
        else if (instead === 'reset') socket.resetAndDestroy()
        else socket.write(instead)

        const response = await client.response()
        const closed = await client.closed
        // An old client that is told no length knows the end by the connection alone: a reset is no end.
        if (response.framing === 'close') assert.equal(closed, 'reset')
        else assertCutOff(response)
        assert.equal(response.status, 200)
        assert.equal(response.text, 'hello')
        const exchange = await exchanges.nth(1)
        assert.equal(exchange.status, 200)
        assert.equal(exchange.reason, reason)
        assert.equal(exchange.attempts[0]?.failure, reason)
        assert.equal(exchange.bytesSent, 5)
        assert.equal(inFlight(started), 0)
      }
    )

const SILENT: Script = () => {}

test('nothing of an answer that broke off stays on the 502 in its place', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const sending = gate()
  const mayGoOn = gate()
  const started = await startGateway(
    t,
    singlePool(
      upstream.url,
      {},
      {
        hooks: {
          async onSend(_request, _reply, payload) {
            sending.open()
            await mayGoOn
            return payload
          }
        }
      }
    )
  )
  const noticed = gate()
  started.gateway.app.gateway.snapshot.stages.observers.push({ ended: () => noticed.open() })
  const response = rawRequest(started.port, GET)
  const { respond } = await held
  const stream = respond.stream({
    status: 206,
    framing: 'sized',
    headers: {
      'content-length': '100',
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=60',
      etag: '"1"',
      'set-cookie': 'session=1',
      'x-secret': 'upstream'
    }
  })
  await stream.write('half')
  await sending
  respond.reset()
  await noticed
  mayGoOn.open()
  const { status, text, headers } = await response
  assert.equal(status, 502)
  assert.equal(JSON.parse(text).reason, 'upstream_reset')
  assert.deepEqual(
    headers
      .map(([name]) => name.toLowerCase())
      .filter((name) => !['date', 'connection', 'keep-alive'].includes(name))
      .sort(),
    ['cache-control', 'content-length', 'content-type', 'x-request-id']
  )
})

test(
  'a hook that throws ends the attempt, and nothing of the answer stays on the error',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, (_request, respond) => {
      const headers = { 'content-encoding': 'gzip', 'x-secret': 'upstream' }
      void respond.stream({ status: 299, reason: 'Odd', headers }).write('hello')
    })
    const started = await startGateway(
      t,
      singlePool(
        upstream.url,
        {},
        {
          hooks: {
            async onSend(_request, _reply, payload) {
              if (typeof payload !== 'string') throw new Error('as planned')
              return payload
            }
          }
        }
      )
    )
    const response = await rawRequest(started.port, GET)
    assert.equal(response.statusLine, 'HTTP/1.1 500 Internal Server Error')
    assert.equal(JSON.parse(response.text).reason, 'internal_error')
    assert.equal(response.header('content-encoding'), undefined)
    assert.equal(response.header('x-secret'), undefined)
    assert.equal(await upstream.requests[0]?.aborted, 'response')
    assert.equal(inFlight(started), 0)
  }
)

test('hundreds of failures leave no connection, no timer and no listener behind', bounded, async (t) => {
  const leaks = watchLeaks(t)
  const before = activeResources().TCPSocketWrap ?? 0
  const upstream = await fakeUpstream(t)
  const faults: Script[] = [
    ...NO_ANSWER.map(([, script]) => script),
    ...FRAMINGS.map(([, answer]) => ({ ...answer, cut: 'mid-body' }) as const),
    SILENT
  ]
  const started = await startGateway(t, singlePool(upstream.url, { timeouts: { firstByte: '20ms' } }))
  const workers = Array.from({ length: 10 }, async (_, worker) => {
    for (let i = 0; i < 40; i++) {
      upstream.next(faults[(worker + i) % faults.length] as Script)
      const client = await rawClient(started.port, { t })
      await client.write(GET)
      await client.response()
      client.close()
    }
  })
  await Promise.all(workers)
  assert.equal(upstream.requests.length, 400)
  assert.equal(inFlight(started), 0)
  await Promise.all(upstream.connections.map(({ closed }) => closed))
  await until(() => leaks.intervals.size === 0)
  assert.deepEqual(leaks.warnings, [])
  await started.gateway.close()
  await upstream.close()
  await until(() => (activeResources().TCPSocketWrap ?? 0) <= before)
})

// Undici's parser is paused then, and asserts that it is not when the socket ends.
for (const end of ['close', 'reset'] as const)
  test(
    `an upstream may end its connection by a ${end} while the client takes nothing`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const held = upstream.hold()
      const flowing = gate()
      const answered = gate()
      const over = gate()
      let body: Readable | undefined
      let arrived = 0
      const started = await startGateway(
        t,
        singlePool(
          upstream.url,
          {},
          {
            hooks: {
              async onSend(_request, _reply, payload) {
                // The problem body of the answer that takes its place.
                if (body !== undefined) return payload
                const given = payload as Readable
                const { push } = given
                arrived = given.readableLength
                given.push = (chunk) => {
                  arrived += chunk?.length ?? 0
                  return push.call(given, chunk)
                }
                body = given
                answered.open()
                const stalled = new Transform({
                  transform: (chunk, _encoding, done) => void flowing.then(() => done(null, chunk))
                })
                return pipeline(body, stalled, () => {})
              }
            }
          }
        )
      )
      started.gateway.app.gateway.snapshot.stages.observers.push({ ended: () => over.open() })
      const client = await rawClient(started.port, { t })
      await client.write(GET)
      const { respond } = await held
      const stream = respond.stream({ framing: 'close', headers: { connection: 'close' } })
      const piece = 'x'.repeat(1024)
      let sent = 0
      for (let full = false; !full; full = (body?.readableLength ?? 0) >= 64 * 1024) {
        await stream.write(piece)
        sent += piece.length
        await answered
        while (arrived !== sent) await setImmediate()
      }
      respond[end]()
      await over
      flowing.open()
      const response = await client.response()
      assert.equal(response.complete, true)
      if (end === 'close') assert.equal(response.body.length, sent)
      else assert.equal(JSON.parse(response.text).reason, 'upstream_reset')
      assert.equal(inFlight(started), 0)
    }
  )
