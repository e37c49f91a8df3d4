import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { GatewayError, REASONS, type Reason } from '@gatewright/gateway'
import { crlf, fakeUpstream, type RawClient, rawClient } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET /next HTTP/1.1\nHost: a\n\n`
const bounded = { timeout: 20_000 }

/** Their answer is the last of a connection when some of the body has not come. */
const ENDING: readonly Reason[] = ['request_rejected', 'request_timeout', 'body_too_large', 'draining']
const REFUSED = (Object.keys(REASONS) as Reason[]).filter((reason) => reason !== 'client_closed')

const chunked = (size: number): string => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`

const BODIES: [what: string, fields: string, now: string, later: string][] = [
  ['no body', '', '', ''],
  ['an empty body', 'Content-Length: 0\r\n', '', ''],
  ['a sized body', 'Content-Length: 5\r\n', 'hello', ''],
  ['a sized body that comes later', 'Content-Length: 5\r\n', 'he', 'llo'],
  ['a sized body of 64 KiB', 'Content-Length: 65536\r\n', '', 'x'.repeat(65_536)],
  ['a chunked body', 'Transfer-Encoding: chunked\r\n', chunked(5), ''],
  ['a chunked body that comes later', 'Transfer-Encoding: chunked\r\n', '5\r\nhe', 'llo\r\n0\r\n\r\n'],
  ['a chunked body of 60 KB', 'Transfer-Encoding: chunked\r\n', '', chunked(60_000)]
]

async function start(t: TestContext) {
  const upstream = await fakeUpstream(t)
  const onRequest = async ({ headers }: { readonly headers: Record<string, unknown> }): Promise<void> => {
    if (headers['x-fail'] !== undefined) throw new GatewayError(headers['x-fail'] as Reason)
  }
  const { port } = await startGateway(t, { ...singlePool(upstream.url), hooks: { onRequest } })
  const connect = (): Promise<RawClient> => rawClient(port, { t })
  return { upstream, connect }
}

const refused = (reason: Reason, fields: string): string =>
  `POST /refused HTTP/1.1\r\nHost: a\r\nX-Fail: ${reason}\r\n${fields}\r\n`

for (const [what, fields, now, later] of BODIES)
  test(`answers of the gateway’s own keep the connection, with ${what}`, bounded, async (t) => {
    const { upstream, connect } = await start(t)
    const client = await connect()
    const reasons = REFUSED.filter((reason) => what === 'no body' || !ENDING.includes(reason))
    for (const [index, reason] of reasons.entries()) {
      await client.write(refused(reason, fields) + now)
      const response = await client.response()
      assert.equal(response.status, REASONS[reason].status, reason)
      assert.notEqual(response.header('connection'), 'close', reason)
      await client.write(later + GET)
      assert.equal((await client.response()).text, 'ok', reason)
      assert.equal(upstream.requests.length, index + 1)
    }
    assert.ok(upstream.requests.every(({ target }) => target === '/next'))
  })

test(
  'answers end the connection when what is wrong is the body, or no request may follow',
  bounded,
  async (t) => {
    const { upstream, connect } = await start(t)
    for (const reason of ENDING) {
      const client = await connect()
      await client.write(`${refused(reason, 'Content-Length: 5\r\n')}he`)
      assert.equal((await client.response()).header('connection'), 'close', reason)
      await client.write(`llo${GET}`)
      client.end()
      await client.closed
    }
    assert.equal(upstream.requests.length, 0)
  }
)

for (const [what, fields] of [
  ['is long', 'Content-Length: 65537\r\n'],
  ['waits for 100 (Continue)', 'Content-Length: 5\r\nExpect: 100-continue\r\n']
] as const)
  test(`a refused request whose body ${what} ends its connection`, bounded, async (t) => {
    const { upstream, connect } = await start(t)
    const client = await connect()
    await client.write(refused('circuit_open', fields))
    const response = await client.response()
    assert.deepEqual([response.status, response.header('connection')], [503, 'close'])
    await client.write(GET)
    client.end()
    await client.closed
    assert.equal(upstream.requests.length, 0)
  })

test(
  'a refused chunked body that turns out to be long ends its connection, and is taken for no request',
  bounded,
  async (t) => {
    const { upstream, connect } = await start(t)
    const client = await connect()
    await client.write(refused('circuit_open', 'Transfer-Encoding: chunked\r\n'))
    assert.equal((await client.response()).status, 503)
    await client.write(chunked(70_000) + GET)
    client.end()
    assert.equal(await client.closed, 'end')
    assert.equal(upstream.requests.length, 0)
  }
)

test('a breaker that is open costs its clients no connection', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 500 })
  const circuitBreaker = { window: '10s', minRequests: 2, openDuration: '60s' } as const
  const { port } = await startGateway(t, singlePool(upstream.url, { circuitBreaker }))
  const client = await rawClient(port, { t })
  const statuses: number[] = []
  for (let n = 0; n < 12; n++) {
    await client.write(crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello`)
    const response = await client.response()
    statuses.push(response.status)
    assert.notEqual(response.header('connection'), 'close', `${n}: ${response.status} ${response.text}`)
  }
  assert.equal(statuses.at(-1), 503)
})
