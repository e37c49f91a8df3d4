import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'
import { singlePool } from '../support/single-pool.js'

const bounded = { timeout: 30_000 }
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const LONG = `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`

const portOf = (url: string): number => Number(new URL(url).port)

test(
  'times of the client side hold for connections that are there, once they are changed',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { url, change } = await reloading(t, singlePool(upstream.url))
    const [idle, slow] = [await rawClient(portOf(url), { t }), await rawClient(portOf(url), { t })]
    await slow.write('GET /slow HTTP/1.1\r\nHost: a\r\nX: ')
    await change({ server: { keepAliveTimeout: '50ms', headersTimeout: '150ms', requestTimeout: '10s' } })
    await idle.write(GET)
    assert.equal((await idle.response()).status, 200)
    assert.equal(await idle.closed, 'end')
    assert.equal((await slow.response()).status, 408)
    await slow.closed
    assert.equal(upstream.requests.length, 1)
  }
)

test('a limit of heads and of requests on one connection is raised and lowered', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { url, change } = await reloading(t, singlePool(upstream.url))
  const port = portOf(url)
  assert.equal((await rawRequest(port, LONG)).status, 431)
  await change({ server: { maxHeaderSize: '32KiB', maxRequestsPerSocket: 1 } })
  const raised = await rawRequest(port, LONG)
  assert.deepEqual([raised.status, raised.header('connection')], [200, 'close'])
  await change({})
  const lowered = await rawRequest(port, LONG)
  assert.equal(lowered.status, 431)
  const client = await rawClient(port, { t })
  await client.write(GET)
  assert.equal((await client.response()).header('connection'), 'keep-alive')
  assert.equal(upstream.requests.length, 2)
})

test(
  'requests of one connection run beside each other once the configuration says so',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { url, change } = await reloading(t, singlePool(upstream.url))
    await change({ server: { pipelining: 2 } })
    const [first, second] = [upstream.hold(), upstream.hold()]
    const client = await rawClient(portOf(url), { t })
    await client.write(GET + GET)
    const held = await Promise.all([first, second])
    for (const { respond } of held) await respond.answer({ body: 'x' })
    assert.deepEqual([(await client.response()).text, (await client.response()).text], ['x', 'x'])
  }
)

test('a change that is refused leaves the limits as they were', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { url, change } = await reloading(t, singlePool(upstream.url))
  const server = { maxHeaderSize: '32KiB' } as const
  await assert.rejects(change({ server, routes: [{ path: '/*', pool: 'gone' }] }), /pool 'gone'|gone/)
  await assert.rejects(change({ server: { maxHeaderSize: '1x' as never } }), /server\.maxHeaderSize/)
  assert.equal((await rawRequest(portOf(url), LONG)).status, 431)
})
