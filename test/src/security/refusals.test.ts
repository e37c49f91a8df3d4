import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { fakeUpstream, rawClient } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const REFUSED: readonly [what: string, status: string, reason: string, request: string][] = [
  ['what is no request', '400 Bad Request', 'request_rejected', '\0\0\r\n\r\n'],
  [
    'a head that is too large',
    '431 Request Header Fields Too Large',
    'headers_too_large',
    `${GET.slice(0, -2)}X: ${'x'.repeat(20_000)}\r\n\r\n`
  ],
  [
    'another version of HTTP',
    '505 HTTP Version Not Supported',
    'http_version_not_supported',
    'GET / HTTP/3.0\r\nHost: a\r\n\r\n'
  ],
  ['CONNECT', '405 Method Not Allowed', 'method_not_allowed', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n']
]

for (const [what, status, reason, request] of REFUSED)
  test(`${what} is refused with date, request id and reason, and is told of once`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, upstream.url, { reasonHeader: true })
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(request)
    const response = await client.response()
    await client.closed
    assert.ok(String(client.received).startsWith(`HTTP/1.1 ${status}\r\n`))
    assert.ok(Date.parse(response.header('date') ?? '') > 0)
    assert.equal(response.header('x-gw-reason'), reason)
    assert.equal(exchanges.all.length, 1)
    const [told] = exchanges.all
    assert.equal(told?.id, response.header('x-request-id'))
    assert.equal(JSON.parse(response.text).requestId, told?.id)
    assert.deepEqual([told?.status, told?.reason], [Number(status.slice(0, 3)), reason])
    assert.equal(told?.ingress.client, '127.0.0.1')
    assert.equal(upstream.requests.length, 0)
  })

test('what is refused is in the access log and in the metrics', bounded, async (t) => {
  const lines: string[] = []
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, {
    accessLog: {
      destination: new Writable({
        write(text, _, done) {
          lines.push(String(text))
          done()
        }
      })
    },
    metrics: { listener: 'app' }
  })
  for (const request of ['CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', '\0\0\r\n\r\n']) {
    const client = await rawClient(port, { t })
    await client.write(request)
    await client.closed
  }
  const { body } = await gateway.inject('/metrics')
  assert.match(body, /proxy_requests_total\{[^}]*status="405"[^}]*\} 1/)
  assert.match(body, /proxy_requests_total\{[^}]*status="400"[^}]*\} 1/)
  await gateway.close()
  const told = lines
    .join('')
    .split('\n')
    .filter((line) => /"status":40[05],/.test(line))
  assert.deepEqual(
    told.map((line) => JSON.parse(line)).map(({ method, reason, client }) => [method, reason, client]),
    [
      ['CONNECT', 'method_not_allowed', '127.0.0.1'],
      ['', 'request_rejected', '127.0.0.1']
    ]
  )
})

test('CONNECT behind requests is refused after their answers', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(`${GET}${GET}CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n`)
  await (await held).respond.answer({ body: 'first' })
  assert.equal((await client.response()).text, 'first')
  assert.equal((await client.response()).status, 200)
  assert.equal((await client.response()).status, 405)
  await client.closed
})
