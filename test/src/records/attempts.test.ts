import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { crlf, fakeUpstream, rawClient, type Script } from '@gatewright/testing'
import { recordedGateway } from '../support/recorded-gateway.js'
import { singlePool } from '../support/single-pool.js'

const bounded = { timeout: 20_000 }
const SILENT: Script = () => {}

test(
  'a hedged request tells in every record which attempt was the hedge, and which was given up',
  bounded,
  async (t) => {
    const one = await fakeUpstream(t, SILENT)
    const two = await fakeUpstream(t, { body: 'two' })
    const { gateway, url, line, metric } = await recordedGateway(t, {
      pools: { upstream: { endpoints: [one.url, two.url], balancing: 'first' } },
      routes: [{ id: 'all', path: '/*', pool: 'upstream', hedge: { after: '30ms' } }]
    } as unknown as GatewayServerConfig)
    assert.equal(await (await fetch(url)).text(), 'two')
    const { attempts, endpoint, request_id, retries } = await line(1)
    assert.deepEqual(
      attempts?.map(({ endpoint, hedge, cancelled, reconnected, status, failure }) => [
        endpoint,
        hedge,
        cancelled,
        reconnected,
        status,
        failure
      ]),
      [
        [one.url, false, true, false, null, null],
        [two.url, true, false, false, 200, null]
      ]
    )
    assert.deepEqual([endpoint, retries], [two.url, 1])
    assert.deepEqual([one.requests.length, two.requests.length], [1, 1])
    for (const { url: name } of [one, two])
      assert.equal(await metric(`proxy_upstream_requests_total{pool="upstream",endpoint="${name}"}`), 1)
    const story = gateway.why(request_id)
    assert.match(story, new RegExp(`attempt 1 at ${one.url} was given up`))
    assert.match(story, new RegExp(`attempt 2, a hedge, at ${two.url} answered 200`))
  }
)

test(
  'a request sent again because its connection was stale is told so: the upstream has seen one more',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { gateway, url, line, metric } = await recordedGateway(t, singlePool(upstream.url))
    await (await fetch(url)).text()
    assert.equal((await line(1)).attempts, null)
    upstream.next({ cut: 'before-head', end: 'close' })
    assert.equal((await fetch(url)).status, 200)
    const { attempts, request_id, retries, reason } = await line(2)
    assert.deepEqual([attempts?.length, attempts?.[0]?.reconnected, attempts?.[0]?.status], [1, true, 200])
    assert.deepEqual([retries, reason], [0, null])
    assert.match(gateway.why(request_id), /sent again as the connection was stale/)
    const attempted = await metric(
      `proxy_upstream_requests_total{pool="upstream",endpoint="${upstream.url}"}`
    )
    const again = await metric('proxy_upstream_resends_total{pool="upstream"}')
    assert.deepEqual([attempted, again, upstream.requests.length], [2, 1, 3])
  }
)

test('a request refused in the line for connections is none of the upstream’s', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, url, line, metric } = await recordedGateway(
    t,
    singlePool(upstream.url, { connections: { max: 1, maxQueue: 1, queueTimeout: '50ms' } }, { id: 'all' })
  )
  const held = upstream.hold()
  const first = fetch(url)
  const { respond } = await held
  // One waits in vain, and while it does the line is full.
  const others = await Promise.all([fetch(url), fetch(url)])
  assert.deepEqual(
    others.map(({ status }) => status),
    [503, 503]
  )
  await respond.answer({ body: 'first' })
  assert.equal(await (await first).text(), 'first')
  await line(3)
  assert.equal(upstream.requests.length, 1)
  const endpoint = `{pool="upstream",endpoint="${upstream.url}"}`
  assert.equal(await metric(`proxy_upstream_requests_total${endpoint}`), 1)
  assert.equal(await metric(`proxy_upstream_duration_seconds_count${endpoint}`), 1)
  assert.equal(await metric('proxy_upstream_phase_seconds_count{pool="upstream",phase="total"}'), 1)
  assert.equal(await metric('proxy_upstream_phase_seconds_count{pool="upstream",phase="queue"}'), 1)
  for (const reason of ['pool_queue_full', 'pool_queue_timeout'])
    assert.equal(await metric(`proxy_request_reasons_total{route="all",reason="${reason}"}`), 1, reason)
  for (const { reason } of gateway.app.flightRecorder.failures())
    assert.match(reason ?? '', /^pool_queue_(?:full|timeout)$/)
})

test('no attempt is told to have lasted longer than its exchange', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const { port, lines, line, gateway } = await recordedGateway(t, singlePool(upstream.url))
  for (let n = 1; n <= 20; n++) {
    const client = await rawClient(port, { t })
    await client.write(crlf`GET / HTTP/1.1\nHost: a\n\n`)
    await upstream.request(n)
    client.reset()
    await line(n)
  }
  for (const { duration_ms, upstream_duration_ms, attempts } of lines) {
    assert.ok((upstream_duration_ms ?? 0) <= duration_ms, `${upstream_duration_ms} > ${duration_ms}`)
    assert.ok((attempts?.[0]?.ms ?? 0) <= duration_ms)
  }
  for (const { totalMs, attempts } of gateway.app.flightRecorder.last(20))
    assert.ok((attempts[0]?.startMs ?? 0) + (attempts[0]?.totalMs ?? 0) <= totalMs)
})
