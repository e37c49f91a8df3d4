import assert from 'node:assert/strict'
import { PassThrough, Readable, Transform } from 'node:stream'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }
const LARGE = 'x'.repeat(200_000)

const upperCase = (): Transform =>
  new Transform({
    transform: (chunk, _, done) => done(null, String(chunk).toUpperCase())
  })

test('an onSend hook can change a small answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'content-type': 'text/plain' }, body: 'small' })
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onSend: async (_, reply, payload) => {
        reply.header('x-changed', '1').removeHeader('content-type')
        return `${payload} and changed: \u00e9`
      }
    }
  })
  const client = await rawClient(port, { t })
  for (let n = 1; n <= 2; n++) {
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.text, 'small and changed: \u00e9')
    assert.equal(response.header('content-length'), String(response.body.length))
    assert.equal(response.header('x-changed'), '1')
    assert.equal(response.header('content-type'), undefined)
  }
})

test('an onSend hook can change a streamed answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onSend: async (_, reply, payload) => {
        reply.removeHeader('content-length')
        return (payload as Readable).pipe(upperCase())
      }
    }
  })
  for (const answer of [
    { body: LARGE },
    { body: [LARGE, LARGE], framing: 'chunked' as const },
    { body: [LARGE], framing: 'close' as const }
  ]) {
    upstream.answers(answer)
    const response = await rawRequest(port, GET)
    assert.equal(response.text, [answer.body].flat().join('').toUpperCase())
    assert.equal(response.complete, true)
  }
})

test('an onSend hook sees the status and headers of the upstream', bounded, async (t) => {
  const upstream = await fakeUpstream(t, {
    status: 404,
    headers: { 'x-a': '1', 'content-type': 'text/plain' },
    body: 'gone'
  })
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onSend: async (_, reply, payload) => {
        const { statusCode } = reply
        reply.code(200)
        return `${statusCode} ${reply.getHeader('x-a')} ${payload}`
      }
    }
  })
  const response = await rawRequest(port, GET)
  assert.equal(response.statusLine, 'HTTP/1.1 200 OK')
  assert.equal(response.text, '404 1 gone')
})

test('an onSend hook that throws ends a small answer once, with 500', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'x-a': 'secret' }, body: 'small' })
  let fails = true
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onSend: async (_request, _reply, payload) => {
        if (!fails) return payload
        fails = false
        throw new Error('internal detail')
      }
    }
  })
  const client = await rawClient(port, { t })
  await client.write(GET)
  const response = await client.response()
  assert.equal(response.status, 500)
  assert.doesNotMatch(String(response.raw), /internal detail/)
  await client.write(GET)
  assert.equal((await client.response()).text, 'small')
})

test('an onSend hook that throws at a streamed answer cancels it upstream', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  let fails = true
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onSend: async (_request, _reply, payload) => {
        if (!fails) return payload
        fails = false
        throw new Error('internal detail')
      }
    }
  })
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const { request, respond } = await held
  await respond.stream().write('piece')
  const response = await client.response()
  assert.equal(response.status, 500)
  assert.doesNotMatch(String(response.raw), /internal detail|piece/)
  assert.equal(await request.aborted, 'response')
  assert.equal((await rawRequest(port, GET)).text, 'ok')
})

test("an error in a hook's stream cuts the answer off and cancels it upstream", bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onSend: async (_request, _reply, payload) => {
        const broken = new Transform({
          transform: (chunk, _, done) => (String(chunk) === 'bad' ? done(new Error('x')) : done(null, chunk))
        })
        const source = payload as Readable
        broken.on('close', () => source.destroy())
        return source.pipe(broken)
      }
    }
  })
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const { request, respond } = await held
  const body = respond.stream()
  await body.write('good')
  await client.until('good')
  await body.write('bad')
  const response = await client.response()
  assert.equal(response.text, 'good')
  assert.equal(response.complete, false)
  assert.equal(await request.aborted, 'response')
})

test('a hook that answers itself sends nothing to the upstream', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  for (const hooks of [
    { onRequest: async (_: unknown, reply: { send(body: string): unknown }) => reply.send('mine') },
    { preHandler: async (_: unknown, reply: { send(body: string): unknown }) => reply.send('mine') }
  ]) {
    const { port } = await startGateway(t, upstream.url, { hooks: hooks as never })
    const client = await rawClient(port, { t })
    for (let n = 1; n <= 2; n++) {
      await client.write(crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 4\n\nbody`)
      assert.equal((await client.response()).text, 'mine')
    }
  }
  assert.equal(upstream.connections.length, 0)
})

test('a handler or a direct answer of a route sends nothing to the upstream', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [
      { path: '/handler', handler: async ({ query }) => ({ query }) },
      { path: '/stream', handler: async () => Readable.from(['a', 'b']).pipe(new PassThrough()) },
      { path: '/respond', respond: { status: 410, body: 'gone' } },
      { path: '/redirect', redirect: { host: 'new.test' } },
      { path: '/*', pool: 'upstream' }
    ]
  })
  const answers = []
  for (const path of ['/handler?a=1', '/stream', '/respond', '/redirect']) {
    const { status, text } = await rawRequest(port, crlf`GET ${path} HTTP/1.1\nHost: old.test\n\n`)
    answers.push([status, text])
  }
  assert.deepEqual(answers, [
    [200, '{"query":{"a":"1"}}'],
    [200, 'ab'],
    [410, 'gone'],
    [302, '']
  ])
  assert.equal(upstream.connections.length, 0)
})

test('a hook can send the request to another pool', bounded, async (t) => {
  const [first, second] = [
    await fakeUpstream(t, { body: 'first' }),
    await fakeUpstream(t, { body: 'second' })
  ]
  const { port } = await startGateway(t, {
    pools: { first: { endpoints: [first.url] }, second: { endpoints: [second.url] } },
    routes: [{ path: '/*', pool: 'first' }],
    hooks: {
      onRequest: async ({ exchange, headers, server }) => {
        if (exchange !== null && headers['x-canary'] === '1') exchange.pool = server.gateway.pool('second')
      }
    }
  })
  assert.equal((await rawRequest(port, GET)).text, 'first')
  assert.equal((await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nX-Canary: 1\n\n`)).text, 'second')
})
