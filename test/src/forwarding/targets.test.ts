import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

test('escapes in a path are forwarded as they came', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { paths: { encodedSlashes: 'keep' } })
  for (const path of [
    '/a%20b/%3Fq%23f',
    '/caf%C3%A9',
    '/a%2Fb%5Cc',
    '/100%25',
    "/~!$&'()*+,;=:@-._/",
    '/%22%3C%3E%5B%5D%5E%60%7B%7C%7D'
  ]) {
    await rawRequest(port, crlf`GET ${path} HTTP/1.1\nHost: example.test\n\n`)
    assert.equal(upstream.requests.at(-1)?.target, path)
  }
})

test('equivalent spellings of a path are forwarded in one spelling', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(port, crlf`GET /%61%7e%2Db/caf%c3%a9 HTTP/1.1\nHost: example.test\n\n`)
  assert.equal(upstream.requests[0]?.target, '/a~-b/caf%C3%A9')
})

test('a query is forwarded byte for byte', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const query of ['?', '?a=1&a=2&A=3', '?a=&b&&=c', '?x=a+b;y=%2f%2F', '?u=//host/../p?q', '?%41=%61'])
    for (const path of ['/', '/a']) {
      await rawRequest(port, crlf`GET ${path}${query} HTTP/1.1\nHost: example.test\n\n`)
      assert.equal(upstream.requests.at(-1)?.target, path + query)
    }
})

test('parts of a query that cannot be parsed are forwarded raw', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const query of ['?a=%', '?a=%zz&b=1', '?%&=', '?a=%ff%fe', '?__proto__=1&constructor[x]=2']) {
    await rawRequest(port, crlf`GET /a${query} HTTP/1.1\nHost: example.test\n\n`)
    assert.equal(upstream.requests.at(-1)?.target, `/a${query}`)
  }
})

test("the endpoint's base path is joined with exactly one slash", async (t) => {
  const upstream = await fakeUpstream(t)
  for (const [base, path, joined] of [
    ['/base', '/a', '/base/a'],
    ['/base/', '/a', '/base/a'],
    ['/base', '/', '/base/'],
    ['/', '/a/', '/a/'],
    ['/b%2Fse/x%20y', '/a', '/b%2Fse/x%20y/a']
  ] as const) {
    const { port } = await startGateway(t, `${upstream.url}${base}`)
    await rawRequest(port, crlf`GET ${path} HTTP/1.1\nHost: example.test\n\n`)
    assert.equal(upstream.requests.at(-1)?.target, joined)
  }
})

test("the endpoint's base query goes before the request's", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, `${upstream.url}/base?key=1`)
  for (const [target, sent] of [
    ['/a', '/base/a?key=1'],
    ['/a?', '/base/a?key=1'],
    ['/a?b=2&key=3', '/base/a?key=1&b=2&key=3']
  ] as const) {
    await rawRequest(port, crlf`GET ${target} HTTP/1.1\nHost: example.test\n\n`)
    assert.equal(upstream.requests.at(-1)?.target, sent)
  }
})

test('dot segments in any spelling cannot leave the base path', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, `${upstream.url}/base`)
  for (const path of ['/../x', '/a/%2e%2e/%2E./x', '/a/..%2fx', '/a\\..\\..\\x', '/./x', '/a/..;v=1/x']) {
    const response = await rawRequest(port, crlf`GET ${path} HTTP/1.1\nHost: example.test\n\n`)
    assert.equal(response.status, 400, path)
    assert.equal(JSON.parse(response.text).reason, 'path_rejected')
  }
  assert.equal(upstream.requests.length, 0)
})

test('dots that are part of a name are forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const path of ['/...', '/a/...b/..c', '/.well-known/x', '/a..', '/a.b./c']) {
    await rawRequest(port, crlf`GET ${path} HTTP/1.1\nHost: example.test\n\n`)
    assert.equal(upstream.requests.at(-1)?.target, path)
  }
})

test('with normalize a path is forwarded in the form that was routed', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, `${upstream.url}/base`, { paths: { policy: 'normalize' } })
  await rawRequest(port, crlf`GET /a/..\\../%2e%2e//x HTTP/1.1\nHost: example.test\n\n`)
  assert.equal(upstream.requests[0]?.target, '/base/x')
})

test('two slashes at the beginning of a path do not make an authority', async (t) => {
  const upstream = await fakeUpstream(t)
  const other = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { paths: { duplicateSlashes: 'keep' } })
  await rawRequest(port, crlf`GET //${other.host}/x HTTP/1.1\nHost: example.test\n\n`)
  assert.equal(upstream.requests[0]?.target, `//${other.host}/x`)
  assert.equal(upstream.requests[0]?.header('host'), upstream.host)
  assert.equal(other.connections.length, 0)
})

test('an absolute-form target is forwarded in origin form, and its authority wins over Host', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', preserveHost: true }]
  })
  for (const [target, sent] of [
    ['http://real.test:8080/a?b=1', '/a?b=1'],
    ['http://real.test:8080', '/'],
    ['HTTP://real.test:8080?b=1', '/?b=1']
  ] as const) {
    await rawRequest(port, crlf`GET ${target} HTTP/1.1\nHost: other.test\n\n`)
    const seen = upstream.requests.at(-1)
    assert.equal(seen?.target, sent)
    assert.deepEqual(seen?.headerAll('host'), ['real.test:8080'])
    assert.equal(seen?.header('x-forwarded-host'), 'real.test:8080')
  }
})

test('an absolute-form target with another scheme, a user or no authority is refused', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const target of ['ftp://real.test/', 'http:///a', 'http://user@real.test/', 'real.test/a']) {
    const response = await rawRequest(port, crlf`GET ${target} HTTP/1.1\nHost: other.test\n\n`)
    assert.equal(response.status, 400, target)
  }
  assert.equal(upstream.requests.length, 0)
})

test('OPTIONS * matches no route and does no harm', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(crlf`OPTIONS * HTTP/1.1\nHost: example.test\n\n`)
  const response = await client.response()
  assert.equal(response.status, 404)
  assert.equal(JSON.parse(response.text).reason, 'route_not_found')
  await client.write(crlf`GET /next HTTP/1.1\nHost: example.test\n\n`)
  assert.equal((await client.response()).text, 'ok')
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/next']
  )
})

test('OPTIONS of an absolute form without a path asks the server as a whole, as OPTIONS * does', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`OPTIONS http://example.test HTTP/1.1\nHost: example.test\n\n`)
  assert.equal(response.status, 404)
  assert.equal(upstream.requests.length, 0)
})

test('Max-Forwards of OPTIONS is counted down, and at 0 the gateway answers with the methods of the route', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [
      { path: '/some', methods: ['GET', 'OPTIONS'], pool: 'upstream' },
      { path: '/*', pool: 'upstream' }
    ]
  })
  const ask = (method: string, path: string, hops: string) =>
    rawRequest(port, crlf`${method} ${path} HTTP/1.1\nHost: example.test\nMax-Forwards: ${hops}\n\n`)
  for (const [hops, sent] of [
    ['10', '9'],
    ['1', '0']
  ] as const) {
    assert.equal((await ask('OPTIONS', '/some', hops)).status, 200)
    assert.deepEqual(upstream.requests.at(-1)?.headerAll('max-forwards'), [sent])
  }
  const last = upstream.requests.length
  const answer = await ask('OPTIONS', '/some', '0')
  assert.equal(answer.status, 204)
  assert.equal(answer.header('allow'), 'GET, OPTIONS, HEAD')
  assert.match(String((await ask('OPTIONS', '/any', '0')).header('allow')), /\bGET\b.*\bPOST\b/)
  assert.equal((await ask('OPTIONS', '/any', '-1')).status, 400)
  assert.equal((await ask('OPTIONS', '/any', '1, 2')).status, 400)
  assert.equal(upstream.requests.length, last)
  assert.equal((await ask('GET', '/any', '0')).status, 200)
  assert.equal(upstream.requests.at(-1)?.header('max-forwards'), '0', 'it is for OPTIONS and TRACE alone')
})

test('a fragment in the target is refused', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const target of ['/a#b', '/a?b#c', '/#'])
    assert.equal(
      (await rawRequest(port, crlf`GET ${target} HTTP/1.1\nHost: example.test\n\n`)).status,
      400,
      target
    )
  assert.equal(upstream.requests.length, 0)
})

test('a rewrite changes the path and keeps the query', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/api/*', pool: 'upstream', rewrite: { stripPrefix: '/api', addPrefix: '/v1' } }]
  })
  await rawRequest(port, crlf`GET /api/a%20b?c=%2F HTTP/1.1\nHost: example.test\n\n`)
  assert.equal(upstream.requests[0]?.target, '/v1/a%20b?c=%2F')
})
