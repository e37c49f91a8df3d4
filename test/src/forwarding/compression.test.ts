import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as ask, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import gatewayPlugin, { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type FakeResponse, fakeUpstream, rawClient, type ScriptFunction } from '@gatewright/testing'
import { fastify } from 'fastify'
import { startGateway } from '../support/start-gateway.js'

const TEXT = 'a text that repeats itself. '.repeat(200)
const HTML = { 'content-type': 'text/html; charset=utf-8' }

async function started(
  t: TestContext,
  script: FakeResponse | ScriptFunction,
  compression: unknown = true,
  more: object = {}
) {
  const upstream = await fakeUpstream(t, script)
  const { gateway, url } = await startGateway(t, {
    pools: { main: { endpoints: [upstream.url] } },
    routes: [{ id: 'all', path: '/*', pool: 'main', compression, ...more }]
  } as GatewayServerConfig)
  const get = async (headers: Record<string, string> = { 'accept-encoding': 'gzip' }, method = 'GET') => {
    const response = await open(url, headers, method)
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
  }
  return { upstream, gateway, url, get }
}

async function open(url: string, headers: Record<string, string>, method = 'GET'): Promise<IncomingMessage> {
  const request = ask(url, { headers, method, agent: false })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

for (const framing of ['sized', 'chunked'] as const)
  test(`a ${framing} response is compressed, and says so`, async (t) => {
    const etag = { etag: '"v1"', 'accept-ranges': 'bytes', vary: 'Accept' }
    const { get } = await started(t, { headers: { ...HTML, ...etag }, body: [TEXT, TEXT], framing })
    for (const [coding, decode] of [
      ['gzip', zlib.gunzipSync],
      ['br', zlib.brotliDecompressSync]
    ] as const) {
      const { headers, body } = await get({ 'accept-encoding': coding })
      assert.equal(headers['content-encoding'], coding)
      assert.equal(headers.vary, 'Accept, Accept-Encoding')
      assert.equal(headers.etag, 'W/"v1"')
      assert.equal(headers['accept-ranges'], undefined)
      assert.equal(String(decode(body)), TEXT + TEXT)
      if (headers['content-length'] !== undefined)
        assert.equal(Number(headers['content-length']), body.length)
    }
    const plain = await get({})
    assert.deepEqual(
      [plain.headers['content-encoding'], plain.headers.vary],
      [undefined, 'Accept, Accept-Encoding']
    )
    assert.equal(plain.headers.etag, '"v1"')
    assert.equal(String(plain.body), TEXT + TEXT)
  })

for (const [what, response, compression] of [
  ['is small', { headers: HTML, body: 'small' }],
  ['is a picture', { headers: { 'content-type': 'image/png' }, body: TEXT }],
  ['has no media type', { headers: {}, body: TEXT }],
  ['is compressed', { headers: { ...HTML, 'content-encoding': 'br' }, body: TEXT }],
  ['has a coding that nobody knows', { headers: { ...HTML, 'content-encoding': 'aes128gcm' }, body: TEXT }],
  ['is a part', { status: 206, headers: { ...HTML, 'content-range': 'bytes 0-5599/9999' }, body: TEXT }],
  [
    'must not be transformed',
    { headers: { ...HTML, 'cache-control': 'max-age=5, No-Transform' }, body: TEXT }
  ],
  ['sets a cookie', { headers: { ...HTML, 'set-cookie': 'a=1' }, body: TEXT }],
  ['has a digest', { headers: { ...HTML, 'repr-digest': 'sha-256=:AAAA:' }, body: TEXT }],
  [
    'is an event stream',
    { headers: { 'content-type': 'text/event-stream' }, body: TEXT, framing: 'chunked' }
  ],
  ['is below the threshold', { headers: HTML, body: TEXT }, { threshold: '10KiB' }],
  ['is of another type', { headers: HTML, body: TEXT }, { types: ['application/json'] }]
] as const)
  test(`a response passes as it is when it ${what}`, async (t) => {
    const { get } = await started(t, response as FakeResponse, compression ?? true)
    const { headers, body } = await get()
    const sent: Record<string, string | undefined> = response.headers
    assert.equal(headers['content-encoding'], sent['content-encoding'])
    assert.equal(String(body), response.body)
    assert.equal(headers['content-length'] ?? String(body.length), String(body.length))
  })

test('a client that likes the identity better gets it, and a response without a tag gets none', async (t) => {
  const { get } = await started(t, { headers: HTML, body: TEXT })
  for (const [accepted, coding] of [
    ['gzip;q=0.5, identity', undefined],
    ['gzip;q=0.5, identity;q=0.8', undefined],
    ['gzip;q=0.5, identity;q=0.5', 'gzip'],
    ['gzip;q=0.5', 'gzip']
  ] as const) {
    const { headers } = await get({ 'accept-encoding': accepted })
    assert.equal(headers['content-encoding'], coding, accepted)
    assert.equal('etag' in headers, false)
    assert.equal(headers.vary, 'Accept-Encoding')
  }
})

test('a request with no-transform gets the response as it is', async (t) => {
  const { get } = await started(t, { headers: HTML, body: TEXT })
  const { headers } = await get({ 'accept-encoding': 'gzip', 'cache-control': 'no-transform' })
  assert.equal(headers['content-encoding'], undefined)
})

test('a small response is compressed for a client that refuses the identity', async (t) => {
  const { get } = await started(t, { headers: HTML, body: 'small' })
  const { headers, body } = await get({ 'accept-encoding': 'gzip, identity;q=0' })
  assert.equal(headers['content-encoding'], 'gzip')
  assert.equal(String(zlib.gunzipSync(body)), 'small')
})

test('with cookies, pages of other sites get no compressed response, and pages of the same one do', async (t) => {
  const { get } = await started(t, { headers: HTML, body: TEXT })
  const codingFor = async (headers: Record<string, string>) =>
    (await get({ 'accept-encoding': 'gzip', ...headers })).headers['content-encoding']
  assert.equal(await codingFor({ cookie: 'a=1', 'sec-fetch-site': 'cross-site' }), undefined)
  assert.equal(await codingFor({ cookie: 'a=1' }), undefined)
  assert.equal(await codingFor({ cookie: 'a=1', 'sec-fetch-site': 'same-origin' }), 'gzip')
  assert.equal(await codingFor({ 'sec-fetch-site': 'cross-site' }), 'gzip')
  const open = await started(
    t,
    { headers: { ...HTML, 'set-cookie': 'a=1' }, body: TEXT },
    { crossSite: true, withSetCookie: true }
  )
  assert.equal(
    (await open.get({ 'accept-encoding': 'gzip', cookie: 'a=1' })).headers['content-encoding'],
    'gzip'
  )
})

test('HEAD has the fields of GET and no body; 304 varies, with the tag that the client has; 204 is left alone', async (t) => {
  const etag = { etag: '"v1"' }
  const { get, upstream } = await started(t, ({ method }) => ({
    headers: { ...HTML, ...etag, ...(method === 'HEAD' ? { 'content-length': String(TEXT.length) } : {}) },
    body: method === 'HEAD' ? '' : TEXT
  }))
  const head = await get({ 'accept-encoding': 'gzip' }, 'HEAD')
  assert.deepEqual(
    [
      head.status,
      head.headers['content-encoding'],
      head.headers.etag,
      head.headers['content-length'],
      head.body.length
    ],
    [200, 'gzip', 'W/"v1"', undefined, 0]
  )
  upstream.next({ status: 304, headers: etag })
  const unmodified = await get({ 'accept-encoding': 'gzip', 'if-none-match': 'W/"v1"' })
  assert.deepEqual(
    [
      unmodified.status,
      unmodified.headers.etag,
      unmodified.headers.vary,
      unmodified.headers['content-encoding']
    ],
    [304, 'W/"v1"', 'Accept-Encoding', undefined]
  )
  upstream.next({ status: 204, headers: etag })
  const empty = await get()
  assert.deepEqual([empty.status, empty.headers.etag, empty.headers.vary], [204, '"v1"', undefined])
})

const more = zlib as unknown as { createZstdDecompress?: typeof zlib.createGunzip }

for (const [coding, decoder] of [
  ['gzip', zlib.createGunzip],
  ['br', zlib.createBrotliDecompress],
  ['zstd', more.createZstdDecompress]
] as const)
  test(`${coding}: the head gets to the client before there is a body, each event before the next one is sent`, async (t) => {
    if (decoder === undefined) {
      t.skip('this version of Node does not have it')
      return
    }
    const { upstream, url } = await started(t, {}, { encodings: [coding], types: ['text/event-stream'] })
    const held = upstream.hold()
    const request = ask(url, { headers: { 'accept-encoding': coding }, agent: false })
    request.end()
    const { respond } = await held
    const body = respond.stream({ headers: { 'content-type': 'text/event-stream' } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    assert.equal(response.headers['content-encoding'], coding)
    const events = response.pipe(decoder())
    for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      await body.write(event)
      const [piece] = await once(events, 'data')
      assert.equal(String(piece), event)
    }
    await body.end()
    events.resume()
    await once(events, 'end')
  })

test('a client that leaves ends the request upstream', async (t) => {
  const { upstream, url } = await started(t, {})
  const held = upstream.hold()
  const request = ask(url, { headers: { 'accept-encoding': 'gzip' }, agent: false })
  request.on('error', () => {})
  request.end()
  const { respond } = await held
  const body = respond.stream({ headers: HTML })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.on('error', () => {})
  await body.write(TEXT)
  request.destroy()
  for (let open = true; open; ) {
    await body.write(TEXT)
    open =
      upstream.connections.length === 0 ||
      (await Promise.race([upstream.connectionClosed(1), nextTurn()])) === true
  }
  await upstream.connectionClosed(1)
})

const nextTurn = () => new Promise<true>((resolve) => setImmediate(() => resolve(true)))

test('a response that breaks off is cut, and never seems to be whole', async (t) => {
  const { upstream, url } = await started(t, {})
  const held = upstream.hold()
  const request = ask(url, { headers: { 'accept-encoding': 'gzip' }, agent: false })
  request.end()
  const { respond } = await held
  const body = respond.stream({ headers: HTML })
  await body.write(TEXT)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.headers['content-encoding'], 'gzip')
  await once(response, 'readable')
  respond.reset()
  await assert.rejects(buffer(response))
  assert.equal(response.complete, false)
})

test('trailers follow a compressed body', async (t) => {
  const { url } = await started(t, {
    headers: HTML,
    body: [TEXT],
    framing: 'chunked',
    trailers: { 'x-sum': '7' }
  })
  const response = await open(url, { 'accept-encoding': 'gzip', te: 'trailers', connection: 'te' })
  assert.equal(String(zlib.gunzipSync(await buffer(response))), TEXT)
  assert.equal(response.trailers['x-sum'], '7')
})

test('an error in place of a response has no coding of that', async (t) => {
  const fails = { onSend: async () => Promise.reject(new Error('no')) }
  const { get } = await started(t, { headers: HTML, body: TEXT }, true, { hooks: fails })
  const { status, headers, body } = await get()
  assert.equal(status, 500)
  assert.equal(headers['content-encoding'], undefined)
  assert.equal(JSON.parse(String(body)).reason, 'internal_error')
})

test('what the gateway itself answers is compressed where it is long enough, and changes with the configuration', async (t) => {
  const upstream = await fakeUpstream(t)
  const routes = [{ path: '/*', respond: { body: TEXT } }]
  const { gateway, url } = await startGateway(t, { compression: true, routes } as GatewayServerConfig)
  const codingOf = async () =>
    (await open(url, { 'accept-encoding': 'gzip, br' })).resume().headers['content-encoding']
  assert.equal(await codingOf(), 'br')
  const { compression: _, ...others } = gateway.app.gateway.config as GatewayServerConfig
  await gateway.app.gateway.apply({ ...others, compression: { encodings: ['gzip'] } })
  assert.equal(await codingOf(), 'gzip')
  await gateway.app.gateway.apply(others)
  assert.equal(await codingOf(), undefined)
  assert.equal(upstream.requests.length, 0)
})

for (const [compression, problem] of [
  [{ encodings: ['gzip', 'gzip'] }, /'gzip' is there twice/],
  [{ encodings: [] }, /encodings/],
  [{ encodings: ['deflate'] }, /encodings/],
  [{ types: ['html'] }, /a media type such as/],
  [{ threshold: '1kb' }, /threshold/],
  [{ levels: { zstd: 3 } }, /levels\.zstd: does nothing without 'zstd'/],
  [{ level: 3 }, /did you mean 'levels'/]
] as const)
  test(`the start is refused for compression ${JSON.stringify(compression)}`, async () => {
    const gateway = createGateway({
      logger: false,
      routes: [{ path: '/*', respond: {}, compression: compression as never }]
    })
    await assert.rejects(async () => gateway.ready(), { code: 'GW_CONFIG_INVALID', message: problem })
  })

test('HEAD of an answer of the gateway’s own tells the length that GET has', async (t) => {
  const { url } = await startGateway(t, {
    compression: true,
    routes: [{ path: '/*', respond: { body: TEXT } }]
  })
  const lengths = []
  for (const method of ['GET', 'HEAD']) {
    const response = await open(url, { 'accept-encoding': 'gzip' }, method)
    response.resume()
    assert.equal(response.headers['content-encoding'], 'gzip', method)
    lengths.push(response.headers['content-length'])
  }
  assert.equal(lengths[0], lengths[1])
  assert.ok(Number(lengths[0]) < TEXT.length)
})

test('a native route and its twin for HEAD are compressed alike', async (t) => {
  const upstream = await fakeUpstream(t, ({ method }) => ({
    headers: { ...HTML, ...(method === 'HEAD' ? { 'content-length': '5600' } : {}) },
    body: method === 'HEAD' ? '' : TEXT
  }))
  const app = fastify()
  t.after(() => app.close())
  await app.register(gatewayPlugin, { pools: { main: { endpoints: [upstream.url] } }, compression: true })
  const config = { gateway: { pool: 'main' } }
  app.get('/forwarded', { config }, app.gateway.forward)
  app.get('/own', { config }, async () => TEXT)
  const headers = { 'accept-encoding': 'gzip' }
  for (const url of ['/forwarded', '/own'])
    for (const method of ['GET', 'HEAD'] as const) {
      const response = await app.inject({ method, url, headers })
      assert.deepEqual(
        [response.statusCode, response.headers['content-encoding']],
        [200, 'gzip'],
        `${method} ${url}`
      )
      if (method === 'GET') assert.equal(String(zlib.gunzipSync(response.rawPayload)), TEXT)
    }
})

test('to a client of HTTP/1.0 a compressed stream ends with the connection', async (t) => {
  const upstream = await fakeUpstream(t, { headers: HTML, body: [TEXT, TEXT], framing: 'chunked' })
  const { port } = await startGateway(t, {
    compression: true,
    pools: { main: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'main' }]
  })
  const client = await rawClient(port, { t })
  await client.write('GET / HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n')
  const response = await client.response()
  assert.equal(String(zlib.gunzipSync(response.body)), TEXT + TEXT)
  assert.doesNotMatch(response.rawHead, /transfer-encoding/i)
})

for (const hedge of [false, { after: '1ms' }] as const)
  test(`a response after a retry${hedge === false ? '' : ', with hedging,'} is compressed once`, async (t) => {
    const { upstream, get } = await started(t, { headers: HTML, body: TEXT }, true, {
      retry: { attempts: 3, statuses: [503] },
      hedge
    })
    upstream.next({ status: 503, headers: HTML, body: TEXT })
    const { status, headers, body } = await get()
    assert.deepEqual([status, headers['content-encoding']], [200, 'gzip'])
    assert.equal(String(zlib.gunzipSync(body)), TEXT)
  })
