import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, type Field, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { relayedFields } from '../support/relayed-fields.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`

test('Set-Cookie lines are relayed one by one, in order', async (t) => {
  const lines = ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'a=3', '']
  const upstream = await fakeUpstream(t, { headers: lines.map((line) => ['Set-Cookie', line]), body: 'x' })
  const { port } = await startGateway(t, upstream.url)
  assert.deepEqual((await rawRequest(port, GET)).headerAll('set-cookie'), lines)
})

test('repeated header lines stay repeated, their values in order', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['Link', '</a>; rel=preload'],
      ['X-One', '1'],
      ['LINK', '</b>, </c>'],
      ['Vary', 'accept'],
      ['link', ''],
      ['vary', 'origin'],
      ['www-authenticate', 'Basic realm="a"'],
      ['www-authenticate', 'Bearer']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(response.headerAll('link'), ['</a>; rel=preload', '</b>, </c>', ''])
  assert.deepEqual(response.headerAll('vary'), ['accept', 'origin'])
  assert.deepEqual(response.headerAll('www-authenticate'), ['Basic realm="a"', 'Bearer'])
  assert.deepEqual(response.headerAll('x-one'), ['1'])
})

test('nothing is added to the headers of an answer but the request id and what HTTP needs', async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'X-A': '1', Server: 'mine' }, body: 'x' })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(relayedFields(response), [
    ['x-a', '1'],
    ['server', 'mine'],
    ['content-length', '1']
  ])
})

test("the upstream's Date is kept", async (t) => {
  const date = 'Tue, 15 Nov 1994 08:12:31 GMT'
  const upstream = await fakeUpstream(t, { headers: { date } })
  const { port } = await startGateway(t, upstream.url)
  assert.deepEqual((await rawRequest(port, GET)).headerAll('date'), [date])
})

test('empty values and bytes beyond ASCII are relayed', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['X-Empty', ''],
      ['X-Latin', 'caf\xe9'],
      ['X-Utf8', '\xe2\x82\xac'],
      ['Content-Disposition', 'attachment; filename="\xe9.txt"']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(relayedFields(response), [
    ['x-empty', ''],
    ['x-latin', 'caf\xe9'],
    ['x-utf8', '\xe2\x82\xac'],
    ['content-disposition', 'attachment; filename="\xe9.txt"'],
    ['content-length', '0']
  ])
})

test('a media type without a charset is not altered, nor is one made up', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const type of ['text/html', 'application/json', 'text/plain; Charset=UTF-8', 'TEXT/Odd', ''])
    for (const body of ['{"a":1}', '\u00e9', '']) {
      upstream.answers({ headers: { 'content-type': type }, body })
      const response = await rawRequest(port, GET)
      assert.deepEqual(response.headerAll('content-type'), [type])
      assert.equal(response.text, body)
    }
  for (const body of ['text', '']) {
    upstream.answers({ body })
    const response = await rawRequest(port, GET)
    assert.deepEqual(response.headerAll('content-type'), [])
    assert.equal(response.text, body)
  }
})

test('hop-by-hop headers of an answer are not relayed', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['Connection', 'keep-alive, X-Hop'],
      ['connection', 'close, , x-second'],
      ['Keep-Alive', 'timeout=99'],
      ['Proxy-Connection', 'keep-alive'],
      ['Proxy-Authenticate', 'Basic'],
      ['Upgrade', 'h2c'],
      ['TE', 'gzip'],
      ['X-Hop', '1'],
      ['x-SECOND', '2'],
      ['X-Kept', '3']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(relayedFields(response), [
    ['x-kept', '3'],
    ['content-length', '0']
  ])
  assert.doesNotMatch(response.rawHead, /x-hop|x-second|timeout=99/i)
})

test("the upstream's Connection: close does not close the client's connection", async (t) => {
  const upstream = await fakeUpstream(t, { headers: { connection: 'close' }, body: 'x' })
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (let n = 1; n <= 3; n++) {
    await client.write(GET)
    assert.equal((await client.response()).header('connection'), 'keep-alive')
  }
  assert.equal(upstream.connections.length, 3)
})

test('a hundred headers are relayed', async (t) => {
  const headers = Array.from({ length: 100 }, (_, n): Field => [`x-${n}`, 'v'.repeat(50)])
  const upstream = await fakeUpstream(t, { headers })
  const { port } = await startGateway(t, upstream.url)
  assert.deepEqual(relayedFields(await rawRequest(port, GET)), [...headers, ['content-length', '0']])
})

test("a policy header is the upstream's or the hook's, never both", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onRequest: async (_, reply) => void reply.header('strict-transport-security', 'max-age=1')
    }
  })
  upstream.next({ headers: { 'Strict-Transport-Security': 'max-age=2' } })
  assert.deepEqual((await rawRequest(port, GET)).headerAll('strict-transport-security'), ['max-age=2'])
  assert.deepEqual((await rawRequest(port, GET)).headerAll('strict-transport-security'), ['max-age=1'])
})

test("cookies of a hook are added to the upstream's", async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2']
    ]
  })
  const { port } = await startGateway(t, upstream.url, {
    hooks: { onRequest: async (_, reply) => void reply.header('set-cookie', 'hook=1') }
  })
  assert.deepEqual((await rawRequest(port, GET)).headerAll('set-cookie').sort(), ['a=1', 'b=2', 'hook=1'])
})

test("lists that a hook has begun are continued with the upstream's", async (t) => {
  const upstream = await fakeUpstream(t)
  const set: Field[] = [
    ['vary', 'Origin'],
    ['link', '</hook>; rel=preload'],
    ['server-timing', 'hook;dur=1'],
    ['access-control-expose-headers', 'X-Hook'],
    ['ratelimit', '"hook";r=1;t=1'],
    ['cache-control', 'no-store']
  ]
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onRequest: async (_, reply) => {
        for (const [name, value] of set) reply.header(name, value)
      }
    }
  })
  const headers: Field[] = [
    ['Vary', 'Accept-Encoding, origin'],
    ['Link', '</a>; rel=next'],
    ['Link', '</b>; rel=next'],
    ['Server-Timing', 'db;dur=2'],
    ['Access-Control-Expose-Headers', 'X-Up'],
    ['RateLimit', '"up";r=2;t=2'],
    ['Cache-Control', 'max-age=1'],
    ['Content-Type', 'text/plain']
  ]
  for (const body of ['small', 'x'.repeat(100_000)]) {
    upstream.answers({ headers, body })
    const response = await rawRequest(port, GET)
    assert.equal(response.body.length, body.length)
    assert.deepEqual(response.headerAll('vary'), ['Origin, Accept-Encoding'])
    assert.deepEqual(response.headerAll('link'), ['</hook>; rel=preload', '</a>; rel=next', '</b>; rel=next'])
    assert.deepEqual(response.headerAll('server-timing'), ['hook;dur=1', 'db;dur=2'])
    assert.deepEqual(response.headerAll('access-control-expose-headers'), ['X-Hook', 'X-Up'])
    assert.deepEqual(response.headerAll('ratelimit'), ['"hook";r=1;t=1', '"up";r=2;t=2'])
    assert.deepEqual(response.headerAll('cache-control'), ['max-age=1'])
  }
  upstream.answers({ headers: { vary: '*' } })
  assert.deepEqual((await rawRequest(port, GET)).headerAll('vary'), ['*'])
  upstream.answers({ cut: 'mid-head', headers: { vary: 'X-Secret' } })
  const failed = await rawRequest(port, GET)
  assert.equal(failed.status, 502)
  assert.deepEqual(failed.headerAll('vary'), ['Origin'])
})

test('a hook that fails leaves none of the lists of the upstream', async (t) => {
  const upstream = await fakeUpstream(t, { headers: { vary: 'X-Secret' }, body: 'small' })
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onRequest: async (_, reply) => void reply.header('vary', 'Origin'),
      onSend: async () => {
        throw new Error('on purpose')
      }
    }
  })
  const response = await rawRequest(port, GET)
  assert.equal(response.status, 500)
  assert.deepEqual(response.headerAll('vary'), ['Origin'])
})

test('field names that are names of objects too are relayed like any other', async (t) => {
  const headers: Field[] = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'].flatMap(
    (name) => [
      [name, 'x'],
      [name, 'y']
    ]
  )
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const sent of [headers, [['__proto__', 'once'] as const], headers.slice(1)])
    for (const body of ['small', 'x'.repeat(100_000)]) {
      upstream.answers({ headers: sent, body })
      const response = await rawRequest(port, GET)
      assert.equal(response.body.length, body.length)
      for (const [name] of sent)
        assert.deepEqual(
          response.headerAll(name),
          sent.filter(([other]) => other === name).map(([, value]) => value)
        )
      assert.equal(response.header('0'), undefined)
    }
})

test("an upstream's Alt-Svc, which speaks of the upstream itself, is not relayed", async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'alt-svc': 'h3=":443"' } })
  const { port } = await startGateway(t, upstream.url)
  assert.equal((await rawRequest(port, GET)).header('alt-svc'), undefined)
})
