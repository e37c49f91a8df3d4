import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { crlf, fakeUpstream, type RawResponse, rawClient } from '@gatewright/testing'
import { type RecordedGateway, recordedGateway } from '../support/recorded-gateway.js'

const bounded = { timeout: 20_000 }
const UPLOAD = crlf`POST /up HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nhello\n`
const PROBLEM = 'the problem of the client, the log, the metrics and the story are one'

async function assertOneProblem(
  { gateway, line, metric, lines }: RecordedGateway,
  response: RawResponse,
  status: number,
  reason: string
): Promise<void> {
  const told = await line(1)
  const problem = JSON.parse(response.text) as Record<string, unknown>
  assert.deepEqual([response.status, problem.reason], [status, reason])
  assert.equal(response.header('x-request-id'), told.request_id)
  assert.equal(problem.requestId, told.request_id)
  assert.deepEqual([told.status, told.reason, told.bytes_sent], [status, reason, response.body.length])
  assert.equal(await metric(`proxy_requests_total{route="all",pool="app",status="${status}"}`), 1)
  assert.equal(await metric(`proxy_request_reasons_total{route="all",reason="${reason}"}`), 1)
  assert.equal((await metric('proxy_request_reasons_total{route="all",reason="client_closed"}')) ?? 0, 0)
  assert.equal((await metric(`proxy_broken_answers_total{route="all",reason="${reason}"}`)) ?? 0, 0)
  assert.match(gateway.why(told.request_id), new RegExp(`→ ${status} ${reason} `))
  assert.equal(lines.length, 1)
}

function toOnePool(url: string, more: object = {}, route: object = {}): GatewayServerConfig {
  return {
    pools: { app: { endpoints: [url] } },
    routes: [{ id: 'all', path: '/*', pool: 'app', ...route }],
    ...more
  } as unknown as GatewayServerConfig
}

const buffering = {
  hooks: {
    preHandler: async ({ exchange }: { exchange: { buffer(): Promise<Buffer> } | null }) => {
      await exchange?.buffer()
    }
  }
}

for (const [what, route] of Object.entries({ 'is passed on': {}, 'a hook buffers': buffering })) {
  test(`of a body that ${what} and breaks HTTP’s grammar ${PROBLEM}`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const records = await recordedGateway(t, toOnePool(upstream.url, {}, route))
    const client = await rawClient(records.port, { t })
    await client.write(UPLOAD)
    if (what === 'is passed on') await (await upstream.request(1)).received(5)
    await client.write('no chunk\r\n')
    const response = await client.response()
    client.close()
    await assertOneProblem(records, response, 400, 'request_rejected')
    assert.equal((await records.line(1)).bytes_received, 5)
    assert.ok(upstream.requests.every(({ complete }) => !complete))
    assert.equal(records.gateway.app.gateway.inFlight, 0)
  })

  test(`of a body that ${what} and takes longer than the request may ${PROBLEM}`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const server = { headersTimeout: '150ms', requestTimeout: '200ms' }
    const records = await recordedGateway(t, toOnePool(upstream.url, { server }, route))
    const client = await rawClient(records.port, { t })
    await client.write(UPLOAD)
    const response = await client.response()
    client.close()
    await assertOneProblem(records, response, 408, 'request_timeout')
    assert.ok(upstream.requests.every(({ complete }) => !complete))
  })
}

test(
  'a body that breaks HTTP’s grammar behind the beginning of its answer is told as what it is',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, {
      body: ['begun'],
      framing: 'chunked',
      early: true,
      cut: 'before-end',
      end: 'silence'
    })
    const { port, line, gateway } = await recordedGateway(t, toOnePool(upstream.url))
    const client = await rawClient(port, { t })
    await client.write(UPLOAD)
    await client.head()
    await client.write('no chunk\r\n')
    await client.closed
    const { status, reason, detail, request_id } = await line(1)
    assert.deepEqual([status, reason], [200, 'request_rejected'])
    assert.match(detail ?? '', /^HPE_/)
    assert.match(gateway.why(request_id), /→ 200 request_rejected/)
  }
)

test(`of a request that the end of the time to drain cuts off ${PROBLEM}`, bounded, async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const shutdown = { signals: false, wait: '0ms', drain: '50ms' }
  const records = await recordedGateway(t, toOnePool(upstream.url, { shutdown }))
  const client = await rawClient(records.port, { t })
  await client.write(crlf`GET /slow HTTP/1.1\nHost: a\n\n`)
  const seen = await upstream.request(1)
  void records.gateway.close()
  const response = await client.response()
  await client.closed
  await assertOneProblem(records, response, 503, 'draining')
  assert.equal(response.header('connection'), 'close')
  assert.equal(await seen.aborted, 'waiting')
})

test(
  'an answer that the end of the time to drain cuts off is broken, and not by its client',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, {
      body: ['begun'],
      framing: 'chunked',
      early: true,
      cut: 'before-end',
      end: 'silence'
    })
    const shutdown = { signals: false, wait: '0ms', drain: '50ms' }
    const { gateway, port, line, metric } = await recordedGateway(t, toOnePool(upstream.url, { shutdown }))
    const client = await rawClient(port, { t })
    await client.write(crlf`GET /stream HTTP/1.1\nHost: a\n\n`)
    await client.head()
    await gateway.close()
    assert.equal((await client.response()).complete, false)
    const { status, reason, request_id } = await line(1)
    assert.deepEqual([status, reason], [200, 'draining'])
    assert.equal(await metric('proxy_broken_answers_total{route="all",reason="draining"}'), 1)
    assert.match(gateway.why(request_id), /→ 200 draining/)
  }
)
