import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { crlf, type FakeUpstream, fakeUpstream, gate, rawRequest } from '@gatewright/testing'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }

/** Upstreams that answer with their names. */
function named(t: TestContext, ...names: string[]): Promise<FakeUpstream[]> {
  return Promise.all(
    names.map((body) => fakeUpstream(t, { headers: { 'content-type': 'text/plain' }, body }))
  )
}

test('endpoints take turns, in proportion to their weights', bounded, async (t) => {
  const [a, b] = (await named(t, 'a', 'b')) as [FakeUpstream, FakeUpstream]
  const { port } = await startGateway(
    t,
    singlePool([{ url: a.url, weight: 3 }, b.url], { balancing: 'weighted-round-robin' })
  )
  for (let n = 1; n <= 40; n++) await rawRequest(port, GET)
  assert.deepEqual([a.requests.length, b.requests.length], [30, 10])
})

test('an endpoint of weight 0 gets nothing, and a pool of such endpoints answers 503', bounded, async (t) => {
  const [a, b] = (await named(t, 'a', 'b')) as [FakeUpstream, FakeUpstream]
  const { gateway, port } = await startGateway(t, singlePool([{ url: a.url, weight: 0 }, b.url]))
  for (let n = 1; n <= 10; n++) assert.equal((await rawRequest(port, GET)).text, 'b')
  gateway.app.gateway.pool('upstream').setWeight(b.url, 0)
  const response = await rawRequest(port, GET)
  assert.equal(response.status, 503)
  assert.equal(JSON.parse(response.text).reason, 'no_endpoint')
  assert.equal(a.connections.length, 0)
})

test('a draining endpoint finishes what it has and gets no more', bounded, async (t) => {
  const [a, b] = (await named(t, 'a', 'b')) as [FakeUpstream, FakeUpstream]
  const { gateway, port } = await startGateway(t, singlePool([a.url, b.url], { balancing: 'first' }))
  const opened = gate()
  a.answers({ after: opened, body: 'late' })
  const first = rawRequest(port, GET)
  await a.request(1)
  gateway.app.gateway.pool('upstream').drain(a.url)
  assert.equal((await rawRequest(port, GET)).text, 'b')
  opened.open()
  assert.equal((await first).text, 'late')
  assert.equal(a.requests.length, 1)
})

test('requests in flight are counted down however they end', bounded, async (t) => {
  const [a] = (await named(t, 'a')) as [FakeUpstream]
  const started = await startGateway(t, a.url)
  const opened = gate()
  a.answers({ after: opened })
  const waiting = rawRequest(started.port, GET)
  await a.request(1)
  assert.equal(inFlight(started), 1)
  opened.open()
  await waiting
  for (const cut of ['before-head', 'mid-body'] as const) {
    a.answers({ body: 'x'.repeat(100_000), cut })
    await rawRequest(started.port, GET)
  }
  assert.equal(inFlight(started), 0)
})

test('a session stays where its cookie says', bounded, async (t) => {
  const upstreams = await named(t, 'a', 'b', 'c')
  const { port } = await startGateway(
    t,
    singlePool(
      upstreams.map(({ url }) => url),
      { balancing: { type: 'sticky', secret: 'a secret of thirty-two characters', cookie: 'sid' } }
    )
  )
  for (let session = 1; session <= 5; session++) {
    const first = await rawRequest(port, GET)
    const cookie = first.header('set-cookie')?.split(';', 1)[0]
    assert.match(cookie ?? '', /^sid=/)
    for (let n = 1; n <= 5; n++) {
      const next = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nCookie: x=1; ${cookie}\n\n`)
      assert.equal(next.text, first.text)
      assert.equal(next.header('set-cookie'), undefined)
    }
  }
})

test('a key of the request decides the endpoint', bounded, async (t) => {
  const upstreams = await named(t, 'a', 'b', 'c')
  const { port } = await startGateway(
    t,
    singlePool(
      upstreams.map(({ url }) => url),
      { balancing: { type: 'consistent-hash', key: 'header:x-user' } }
    )
  )
  const answers = new Map<string, string>()
  for (let n = 0; n < 60; n++) {
    const user = `user-${n % 20}`
    const { text } = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nX-User: ${user}\n\n`)
    assert.equal(answers.get(user) ?? text, text)
    answers.set(user, text)
  }
  assert.ok(new Set(answers.values()).size > 1)
})

test('an endpoint may have an IPv6 address', bounded, async (t) => {
  const upstream = await fakeUpstream(t, undefined, { address: '::1' })
  const { port } = await startGateway(t, upstream.url)
  assert.equal((await rawRequest(port, GET)).text, 'ok')
  assert.equal(upstream.requests[0]?.header('host'), `[::1]:${upstream.port}`)
})
