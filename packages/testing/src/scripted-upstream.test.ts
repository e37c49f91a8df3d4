import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { ResponseReceiver, UpstreamConnection } from '@gatewright/core'
import { ScriptedUpstream } from './scripted-upstream.js'

function setUp() {
  const waits: number[] = []
  const timers = {
    after(ms: number, run: () => void) {
      waits.push(ms)
      let stopped = false
      queueMicrotask(() => {
        if (!stopped && ms < 1_000) run()
      })
      return () => {
        stopped = true
      }
    },
    every: () => () => {}
  }
  return { upstream: new ScriptedUpstream(timers), waits }
}

/** What a connection reports of one request, in order. */
async function reports(
  connection: UpstreamConnection,
  { body = null as Buffer | PassThrough | null, takes = true, path = '/', refuses = false } = {}
): Promise<string[]> {
  const calls: string[] = []
  connection.begin({ method: 'PUT', path, headers: ['X-A', '1', 'x-a', '2'], body, last: false }, {
    sending: () => void calls.push('sending'),
    began: () => void calls.push('began'),
    head(status: number, fields: readonly Buffer[]) {
      if (refuses) throw new Error('refused')
      calls.push(`${status} ${fields.join(' ')}`)
      return false
    },
    data(chunk: Buffer) {
      calls.push(String(chunk))
      return takes
    },
    end: (_trailers: unknown, reusable: boolean) => void calls.push(reusable ? 'end' : 'gone'),
    failed: (error: NodeJS.ErrnoException) => void calls.push(String(error.code ?? error.message))
  } as unknown as ResponseReceiver)
  for (let n = 0; n < 3; n++) await setImmediate()
  return calls
}

/** The statuses, or faults, of so many requests one after the other. */
async function outcomes(upstream: ScriptedUpstream, count: number): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = []
  for (let n = 0; n < count; n++) {
    const calls = await reports(upstream.connect())
    all.push(calls.find((call) => /^\d{3} |^E/.test(call))?.split(' ')[0])
  }
  return all
}

test('what it was told is done request by request, in order, and after that it answers 200', async () => {
  const { upstream } = setUp()
  upstream.fails(2).thenAnswers(201).breaks('reset').breaks('refuse', 2).fails(1, { status: 500 })
  assert.deepEqual(await outcomes(upstream, 8), [
    '503',
    '503',
    '201',
    'ECONNRESET',
    'ECONNREFUSED',
    'ECONNREFUSED',
    '500',
    '200'
  ])
})

test('what comes always comes after everything else, for good', async () => {
  const { upstream } = setUp()
  upstream.always({ status: 404 }).thenAnswers(201)
  assert.deepEqual(await outcomes(upstream, 3), ['201', '404', '404'])
  upstream.always('reset')
  assert.deepEqual(await outcomes(upstream, 2), ['ECONNRESET', 'ECONNRESET'])
})

test('an answer has its fields, its length and its body', async () => {
  const { upstream } = setUp()
  upstream.thenAnswers(203, { headers: { etag: '"a"' }, body: 'hello' })
  assert.deepEqual(await reports(upstream.connect()), [
    'sending',
    'began',
    '203 etag "a" content-length 5',
    'hello',
    'end'
  ])
  assert.deepEqual(await reports(upstream.connect()), ['sending', 'began', '200 content-length 0', 'end'])
})

test('a slow answer comes after its time, and what is no duration is refused', async () => {
  const { upstream, waits } = setUp()
  upstream.thenSlow('20ms', { status: 202 }).thenSlow('2s')
  assert.deepEqual(await outcomes(upstream, 3), ['202', undefined, '200'])
  assert.deepEqual(waits, [20, 2_000, 0])
  assert.throws(() => upstream.thenSlow('soon' as never), RangeError)
})

test('it has seen each request with its body, the last of equal fields, and none that it refused', async () => {
  const { upstream } = setUp()
  upstream.breaks('refuse')
  await reports(upstream.connect(), { path: '/refused' })
  await reports(upstream.connect(), { path: '/seen', body: Buffer.from('text') })
  assert.deepEqual(upstream.seen, [{ method: 'PUT', path: '/seen', headers: { 'x-a': '2' }, body: 'text' }])
})

test('a reset in the middle comes after half of what was declared, and a black hole is silent', async () => {
  const { upstream } = setUp()
  upstream.breaks('reset-mid-body').breaks('black-hole')
  assert.deepEqual(await reports(upstream.connect()), [
    'sending',
    'began',
    '200 content-length 24',
    'half of this',
    'ECONNRESET'
  ])
  const silent = upstream.connect()
  assert.deepEqual(await reports(silent), ['sending'])
})

test('an answer ends when whoever reads it takes more, once', async () => {
  const { upstream } = setUp()
  const connection = upstream.always({ body: 'a' }).connect()
  const calls = await reports(connection, { takes: false })
  assert.equal(calls.at(-1), 'a')
  connection.resume()
  connection.resume()
  assert.deepEqual(calls.slice(-2), ['a', 'end'])
})

test('a request that is aborted fails once, and nothing comes of it any more', async () => {
  const { upstream } = setUp()
  const connection = upstream.breaks('black-hole').connect()
  const calls = await reports(connection)
  connection.abort()
  await connection.destroy()
  assert.deepEqual(calls, ['sending', 'UND_ERR_ABORTED'])
})

test('a request whose body breaks off is reset, and one whose connection is destroyed has failed', async () => {
  const { upstream } = setUp()
  const body = new PassThrough()
  const cut = reports(upstream.connect(), { body })
  body.destroy(new Error('cut'))
  assert.deepEqual(await cut, ['sending', 'ECONNRESET'])
  const connection = upstream.breaks('black-hole').connect()
  const calls = await reports(connection)
  await connection.destroy()
  assert.deepEqual(calls, ['sending', 'UND_ERR_ABORTED'])
})

test('a head that is refused is a failure of the request', async () => {
  const { upstream } = setUp()
  const calls = await reports(upstream.connect(), { refuses: true })
  assert.deepEqual(calls, ['sending', 'began', 'refused'])
})

test('a streamed body is seen whole', async () => {
  const { upstream } = setUp()
  const body = new PassThrough()
  const done = reports(upstream.connect(), { body })
  body.write('ab')
  body.end('c')
  await done
  assert.equal(upstream.seen[0]?.body, 'abc')
})
