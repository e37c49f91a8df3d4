import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import type { FastifyRequest } from 'fastify'
import { startGateway } from './support/start-gateway.js'

test('every standard method reaches the upstream with its target and body', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const response = await rawRequest(
      port,
      crlf`${method} /users/7?full=1 HTTP/1.1
Host: example.test
Content-Length: 4

body`
    )
    const seen = upstream.requests.at(-1)
    assert.equal(response.status, 200, method)
    assert.equal(seen?.rawHead.split('\r\n')[0], `${method} /users/7?full=1 HTTP/1.1`)
    assert.equal(String(seen?.body), 'body', method)
  }
})

test('QUERY, PROPFIND, REPORT and M-SEARCH are forwarded like any other method', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  // Node 20 does not know QUERY.
  for (const method of ['QUERY', 'PROPFIND', 'REPORT', 'M-SEARCH'].filter((name) => METHODS.includes(name))) {
    const response = await rawRequest(
      port,
      crlf`${method} /a HTTP/1.1
Host: example.test
Content-Length: 4

body`
    )
    assert.equal(response.status, 200, method)
    assert.equal(upstream.requests.at(-1)?.method, method)
    assert.equal(String(upstream.requests.at(-1)?.body), 'body')
  }
})

test('a method the parser does not know is refused with 400, and the connection closed', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(crlf`FROBNICATE / HTTP/1.1
Host: example.test

`)
  const response = await client.response()
  assert.equal(response.status, 400)
  assert.equal(JSON.parse(response.text).reason, 'request_rejected')
  await client.closed
  assert.equal(upstream.requests.length, 0)
})

test('CONNECT is refused with 405 and never becomes a tunnel', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(crlf`CONNECT ${upstream.host} HTTP/1.1
Host: ${upstream.host}

GET /inside HTTP/1.1
Host: ${upstream.host}

`)
  assert.equal((await client.response({ to: 'CONNECT' })).status, 405)
  await client.closed
  assert.equal(upstream.connections.length, 0)
})

test('TRACE is refused with 405 and not forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`TRACE / HTTP/1.1
Host: example.test

`
  )
  assert.equal(response.status, 405)
  assert.equal(upstream.requests.length, 0)
})

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

test("Host is the endpoint's, its port included", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\n\n`)
  assert.deepEqual(upstream.requests[0]?.headerAll('host'), [upstream.host])
})

test("preserveHost sends the client's Host unchanged", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', preserveHost: true }]
  })
  for (const host of ['example.test', 'Example.TEST.:80', '[::1]:8080', 'localhost:']) {
    await rawRequest(port, crlf`GET / HTTP/1.1\nhost: ${host}\n\n`)
    assert.deepEqual(upstream.requests.at(-1)?.headerAll('host'), [host])
  }
})

test("preserveHost sends the endpoint's Host for an HTTP/1.0 request without one", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', preserveHost: true }]
  })
  const response = await rawRequest(port, crlf`GET / HTTP/1.0\n\n`)
  assert.equal(response.text, 'ok')
  assert.equal(upstream.requests[0]?.httpVersion, '1.1')
  assert.deepEqual(upstream.requests[0]?.headerAll('host'), [upstream.host])
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

test('forwarding leaves the request that hooks see as the client sent it', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  let resolve!: (request: FastifyRequest) => void
  const hooked = new Promise<FastifyRequest>((accept) => {
    resolve = accept
  })
  const { port } = await startGateway(t, upstream.url, {
    via: 'edge',
    hooks: { onResponse: async (request) => resolve(request) }
  })
  await rawRequest(port, crlf`GET /a?b HTTP/1.1\nHost: example.test\nX-A: 1\nConnection: x-a, close\n\n`)
  const { method, url, headers, raw } = await hooked
  assert.deepEqual([method, url], ['GET', '/a?b'])
  assert.deepEqual({ ...headers }, { host: 'example.test', 'x-a': '1', connection: 'x-a, close' })
  assert.deepEqual(raw.rawHeaders, ['Host', 'example.test', 'X-A', '1', 'Connection', 'x-a, close'])
})
