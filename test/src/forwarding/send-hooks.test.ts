import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { Readable, Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }
const LARGE = 'x'.repeat(200_000)

const transform = (change: (text: string) => string): Transform =>
  new Transform({ transform: (chunk, _, done) => done(null, change(String(chunk))) })
const upperCase = (): Transform => transform((text) => text.toUpperCase())

interface Hooked extends StartedGateway {
  /** Resolves when the hook has been given a streamed answer and has had time to read from it. */
  begun(): Promise<void>
}

/** A gateway with an `onSend` hook that changes what is streamed. */
async function withHook(
  t: TestContext,
  upstream: string,
  change: (payload: Readable) => unknown
): Promise<Hooked> {
  const calls = new EventEmitter()
  const started = await startGateway(t, upstream, {
    hooks: {
      onSend: async (_request, _reply, payload) => {
        if (!(payload instanceof Readable)) return payload
        calls.emit('call')
        return change(payload)
      }
    }
  })
  return {
    ...started,
    async begun() {
      await once(calls, 'call')
      await setImmediate()
      await setImmediate()
    }
  }
}

const HEAD = [
  ['Content-Type', 'text/plain'],
  ['Set-Cookie', 'a=1'],
  ['ETag', '"e"'],
  ['X-Early', '1']
] as const

const READERS: Record<string, (payload: Readable) => unknown> = {
  'pipes it through a transform': (payload) => payload.pipe(upperCase()),
  'reads it and returns a string': async (payload) => String(await buffer(payload)).toUpperCase(),
  'returns a web stream of it': (payload) => Readable.toWeb(payload.pipe(upperCase())),
  'looks at its first piece': async (payload) => {
    await once(payload, 'readable')
    return payload.pipe(upperCase())
  }
}

for (const [what, read] of Object.entries(READERS))
  test(`an onSend hook that ${what} keeps the head of a slow answer`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port, begun } = await withHook(t, upstream.url, read)
    for (const framing of ['chunked', 'sized'] as const) {
      const held = upstream.hold()
      const client = await rawClient(port, { t })
      await client.write(GET)
      const headers = [...HEAD, ...(framing === 'sized' ? [['Content-Length', '6'] as const] : [])]
      const hooked = begun()
      const body = (await held).respond.stream({ framing, headers })
      await hooked
      await body.write('one')
      await body.write('two')
      await body.end()
      const response = await client.response()
      assert.equal(response.status, 200)
      assert.equal(response.text, 'ONETWO')
      assert.equal(response.complete, true)
      for (const [name, value] of HEAD) assert.equal(response.header(name), value)
      assert.ok(response.header('x-request-id'))
    }
  })

test('a stream that a hook puts in place of a sized one is not framed by its length', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: LARGE })
  const { port } = await withHook(t, upstream.url, (payload) =>
    payload.pipe(transform((text) => text + text))
  )
  const client = await rawClient(port, { t })
  for (let n = 1; n <= 2; n++) {
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.framing, 'chunked')
    assert.equal(response.body.length, 2 * LARGE.length)
  }
})

test(
  'an answer that breaks off behind a transform is a 502 before its head is sent, and cut after',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port, begun } = await withHook(t, upstream.url, (payload) => payload.pipe(upperCase()))
    for (const piece of ['', 'one']) {
      const held = upstream.hold()
      const client = await rawClient(port, { t })
      await client.write(GET)
      const { respond } = await held
      const hooked = begun()
      const body = respond.stream({ headers: HEAD })
      await hooked
      if (piece !== '') {
        await body.write(piece)
        await client.until(piece.toUpperCase())
      }
      respond.reset()
      const response = await client.response()
      if (piece === '') {
        assert.equal(response.status, 502)
        assert.equal(response.header('etag'), undefined)
        assert.equal(JSON.parse(response.text).reason, 'upstream_reset')
      } else assert.equal(response.complete, false)
    }
  }
)

test(
  'a stream that a hook does not read is cancelled upstream once something else has been sent',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await withHook(t, upstream.url, () => 'instead')
    const exchanges = watchExchanges(started)
    const held = upstream.hold()
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    const { request, respond } = await held
    respond.stream()
    assert.equal((await client.response()).text, 'instead')
    assert.equal(await request.aborted, 'response')
    assert.equal((await exchanges.nth(1)).reason, null)
    assert.equal(inFlight(started), 0)
  }
)

test(
  'a reason phrase that a hook sets and Node will not send costs one answer, not the process',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: LARGE })
    const { port } = await startGateway(t, upstream.url, {
      hooks: {
        onSend: async ({ url }, reply, payload) => {
          if (!(payload instanceof Readable)) return payload
          reply.raw.statusMessage = 'li\nes'
          return url === '/piped' ? payload.pipe(upperCase()) : payload
        }
      }
    })
    const client = await rawClient(port, { t })
    await client.write(crlf`GET /piped HTTP/1.1\nHost: a\n\n`)
    await client.closed
    assert.equal((await rawRequest(port, GET)).status, 500)
  }
)
