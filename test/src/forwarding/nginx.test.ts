import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { crlf, fakeUpstream, type RawResponse, rawClient, rawRequest } from '@gatewright/testing'
import { ensureCommand } from '../support/debian.js'
import { type Nginx, startNginx } from '../support/nginx.js'
import { relayedFields } from '../support/relayed-fields.js'
import { singlePool } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 200_000 }
const TEXT = 'The quick brown fox jumps over the lazy dog.\n'.repeat(1_000)

type Behind = StartedGateway & { readonly nginx: Nginx }

/** A gateway in front of an nginx with `a.txt`, or `null` where there is no nginx. */
async function gatewayBefore(t: TestContext, server = ''): Promise<Behind | null> {
  const command = await ensureCommand(t, 'nginx', { package: 'nginx-light' })
  if (command === null) return null
  const nginx = await startNginx(t, command, server)
  await writeFile(join(nginx.folder, 'a.txt'), TEXT)
  return { nginx, ...(await startGateway(t, singlePool(nginx.url, {}, { bodyLimit: false }))) }
}

const get = (path: string, ...lines: string[]): string =>
  crlf`GET ${path} HTTP/1.1\nHost: example.test\n${lines.map((line) => `${line}\r\n`).join('')}\n`

/** What must be the same with and without a gateway between. */
function essence(response: RawResponse): unknown {
  const { status, reason, body } = response
  const headers = relayedFields(response)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name !== 'transfer-encoding')
  return { status, reason, headers: headers.sort(), body: body.toString('latin1') }
}

test('what nginx answers is what the client gets', bounded, async (t) => {
  const gateway = await gatewayBefore(
    t,
    'location = /old { return 301 /new?a=1; } location = /none { return 204; }'
  )
  if (gateway === null) return
  const { nginx, url } = gateway
  const { etag, modified } = await validators(nginx)
  for (const request of [
    get('/a.txt'),
    crlf`HEAD /a.txt HTTP/1.1\nHost: example.test\n\n`,
    crlf`OPTIONS /a.txt HTTP/1.1\nHost: example.test\n\n`,
    get('/missing'),
    get('/none'),
    get('/a.txt', `If-None-Match: ${etag}`),
    get('/a.txt', `If-Modified-Since: ${modified}`),
    get('/a.txt', 'If-None-Match: "other"'),
    get('/a.txt', 'Range: bytes=10-19'),
    get('/a.txt', 'Range: bytes=-7'),
    get('/a.txt', 'Range: bytes=0-0', `If-Range: ${etag}`),
    get('/a.txt', 'Range: bytes=0-0', 'If-Range: "other"'),
    get('/a.txt', 'Range: bytes=999999999-')
  ])
    assert.deepEqual(
      essence(await rawRequest(url, request)),
      essence(await rawRequest(nginx.url, request)),
      request
    )
})

async function validators({ url }: Nginx): Promise<{ etag: string; modified: string }> {
  const response = await rawRequest(url, get('/a.txt'))
  return { etag: response.header('etag') as string, modified: response.header('last-modified') as string }
}

test('several ranges come back as nginx made them', bounded, async (t) => {
  const gateway = await gatewayBefore(t)
  if (gateway === null) return
  const response = await rawRequest(gateway.url, get('/a.txt', 'Range: bytes=0-2,10-14'))
  assert.equal(response.status, 206)
  assert.match(response.header('content-type') ?? '', /^multipart\/byteranges; boundary=/)
  assert.match(response.text, /bytes 0-2\/45000\r\n\r\nThe\r\n[\s\S]*bytes 10-14\/45000\r\n\r\nbrown\r\n/)
})

test("a redirect of nginx is passed on with nginx's Location", bounded, async (t) => {
  const gateway = await gatewayBefore(t, 'location = /old { return 301 /new?a=1; }')
  if (gateway === null) return
  const response = await rawRequest(gateway.url, get('/old'))
  assert.equal(response.status, 301)
  assert.equal(response.header('location'), `${gateway.nginx.url}/new?a=1`)
})

test('what nginx compresses arrives compressed', bounded, async (t) => {
  const gateway = await gatewayBefore(t, 'gzip on; gzip_types text/plain; gzip_vary on;')
  if (gateway === null) return
  const plain = await rawRequest(gateway.url, get('/a.txt'))
  assert.equal(plain.text, TEXT)
  const coded = await rawRequest(gateway.url, get('/a.txt', 'Accept-Encoding: gzip'))
  assert.equal(coded.header('content-encoding'), 'gzip')
  assert.equal(coded.header('vary'), 'Accept-Encoding')
  assert.equal(String(gunzipSync(coded.body)), TEXT)
})

test('a large file arrives whole, with its length', bounded, async (t) => {
  const gateway = await gatewayBefore(t)
  if (gateway === null) return
  const file = randomBytes(32 * 1024 ** 2)
  await writeFile(join(gateway.nginx.folder, 'large.bin'), file)
  const response = await rawRequest(gateway.url, get('/large.bin'))
  assert.equal(response.header('content-length'), String(file.length))
  assert.equal(hashOf(response.body), hashOf(file))
})

test('uploads of known and unknown length arrive whole', bounded, async (t) => {
  const gateway = await gatewayBefore(
    t,
    'client_max_body_size 0; location /put/ { dav_methods PUT; create_full_put_path on; }'
  )
  if (gateway === null) return
  const body = randomBytes(4 * 1024 ** 2)
  const half = body.length / 2
  const chunk = (piece: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
  for (const [name, framing, sent] of [
    ['sized', `Content-Length: ${body.length}`, body],
    [
      'chunked',
      'Transfer-Encoding: chunked',
      Buffer.concat([chunk(body.subarray(0, half)), chunk(body.subarray(half)), Buffer.from('0\r\n\r\n')])
    ]
  ] as const) {
    const head = crlf`PUT /put/${name}.bin HTTP/1.1\nHost: example.test\n${framing}\n\n`
    const response = await rawRequest(gateway.url, Buffer.concat([Buffer.from(head), sent]))
    assert.equal(response.status, 201, name)
    assert.equal(hashOf(await readFile(join(gateway.nginx.folder, `put/${name}.bin`))), hashOf(body))
  }
})

test('an upload that nginx refuses at its head gets the answer of nginx', bounded, async (t) => {
  const gateway = await gatewayBefore(t, 'client_max_body_size 1k;')
  if (gateway === null) return
  const size = 4 * 1024 ** 2
  const head = crlf`PUT /a.txt HTTP/1.1\nHost: example.test\nContent-Length: ${size}\n\n`
  const client = await rawClient(gateway.url, { t })
  void client.write(Buffer.concat([Buffer.from(head), Buffer.alloc(size)]))
  const response = await client.response()
  assert.equal(response.status, 413)
  assert.match(response.text, /nginx/)
})

test('chunked bodies pass through nginx and gateway in both directions', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = await gatewayBefore(
    t,
    `location / { proxy_pass ${upstream.url}; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off; }`
  )
  if (gateway === null) return
  const held = upstream.hold()
  const client = await rawClient(gateway.url, { t })
  await client.write(crlf`POST /x HTTP/1.1\nHost: example.test\nTransfer-Encoding: chunked\n\n5\nhello\n`)
  const { request, respond } = await held
  await request.received(5)
  await client.write(crlf`1\n!\n0\n\n`)
  await request.finished
  assert.equal(request.framing, 'chunked')
  assert.equal(String(request.body), 'hello!')
  const body = respond.stream()
  for (const piece of ['one ', 'two']) {
    await body.write(piece)
    await client.until(piece)
  }
  await body.end()
  const response = await client.response()
  assert.equal(response.framing, 'chunked')
  assert.equal(response.text, 'one two')
})

test('connections that nginx closes after a few requests cost no request', bounded, async (t) => {
  const gateway = await gatewayBefore(t, 'keepalive_requests 3;')
  if (gateway === null) return
  const client = await rawClient(gateway.url, { t })
  for (let n = 1; n <= 20; n++) {
    await client.write(get('/a.txt'))
    assert.equal((await client.response()).status, 200)
  }
})

test('an HTTP/1.0 client gets whole what nginx sends chunked', bounded, async (t) => {
  const gateway = await gatewayBefore(t, 'gzip on; gzip_types text/plain; keepalive_timeout 0;')
  if (gateway === null) return
  const response = await rawRequest(
    gateway.url,
    crlf`GET /a.txt HTTP/1.0\nHost: example.test\nAccept-Encoding: gzip\n\n`
  )
  assert.equal(response.header('transfer-encoding'), undefined)
  assert.equal(String(gunzipSync(response.body)), TEXT)
})

function hashOf(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
