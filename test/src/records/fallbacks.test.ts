import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import gatewayPlugin, { type GatewayServerConfig, type RouteConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import Fastify from 'fastify'
import { recordedGateway } from '../support/recorded-gateway.js'
import { Scraped } from '../support/scraped.js'

const bounded = { timeout: 20_000 }
const on = ['upstream_reset'] as const
const ROUTE = 'route="all"'

const KINDS: Record<string, NonNullable<RouteConfig['fallback']>> = {
  'another pool': { pool: 'spare', on },
  'a fixed response': { respond: { status: 200, body: 'spare' }, on },
  'a handler': { handler: async () => 'spare', on }
}

async function fallenBack(t: TestContext, fallback: NonNullable<RouteConfig['fallback']>) {
  const broken = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
  const spare = await fakeUpstream(t, { body: 'spare' })
  const config = {
    pools: { app: { endpoints: [broken.url] }, spare: { endpoints: [spare.url] } },
    // What needs its share to be logged is none of these.
    routes: [{ id: 'all', path: '/*', pool: 'app', fallback }]
  } as unknown as GatewayServerConfig
  return { ...(await recordedGateway(t, config)), broken, spare }
}

for (const [kind, fallback] of Object.entries(KINDS))
  test(
    `the good answer of ${kind} as fallback is told as one: no reason, and not as broken`,
    bounded,
    async (t) => {
      const { gateway, url, line, metric, broken } = await fallenBack(t, fallback)
      const response = await fetch(`${url}/x`)
      assert.deepEqual([response.status, await response.text()], [200, 'spare'])
      assert.equal(broken.requests.length, 1)

      const { status, reason, fallback: cause, detail, request_id } = await line(1)
      assert.deepEqual([status, reason, cause], [200, null, 'upstream_reset'])
      assert.match(detail ?? '', new RegExp(`^${broken.url}`))
      assert.equal(await metric(`proxy_fallbacks_total{${ROUTE},reason="upstream_reset"}`), 1)
      for (const family of ['proxy_broken_answers_total', 'proxy_request_reasons_total'])
        assert.equal((await metric(`${family}{${ROUTE},reason="upstream_reset"}`)) ?? 0, 0)
      const [failure] = gateway.app.flightRecorder.failures()
      assert.deepEqual([failure?.reason, failure?.fallback, failure?.status], [null, 'upstream_reset', 200])
      assert.match(gateway.why(request_id), /The route's fallback answered, for upstream_reset\./)
    }
  )

test('an answer of the fallback is logged even where good answers are not', bounded, async (t) => {
  const broken = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
  const lines: string[] = []
  const { url } = await recordedGateway(t, {
    accessLog: { successes: 0, destination: { write: (line: string) => void lines.push(line) } },
    pools: { app: { endpoints: [broken.url] } },
    routes: [
      { path: '/ok', respond: { status: 200 } },
      { path: '/*', pool: 'app', fallback: { respond: { status: 200 }, on } }
    ]
  })
  for (const path of ['/ok', '/x']) assert.equal((await fetch(url + path)).status, 200)
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).path),
    ['/x']
  )
})

test('a fallback that fails is told by its own reason', bounded, async (t) => {
  const { url, line, metric } = await fallenBack(t, {
    handler: () => {
      throw new Error('no spare')
    },
    on
  })
  const response = await fetch(url)
  assert.equal(response.status, 500)
  const { status, reason, fallback, detail } = await line(1)
  assert.deepEqual([status, reason, fallback], [500, 'internal_error', 'upstream_reset'])
  assert.match(detail ?? '', /no spare/)
  assert.equal((await metric(`proxy_broken_answers_total{${ROUTE},reason="internal_error"}`)) ?? 0, 0)
})

test('an answer of the fallback pool that breaks off counts as broken', bounded, async (t) => {
  const { url, line, metric, spare } = await fallenBack(t, { pool: 'spare', on })
  spare.answers({ body: 'x'.repeat(100_000), cut: 'mid-body', end: 'reset' })
  await assert.rejects(fetch(url).then((response) => response.text()))
  const { status, reason, fallback } = await line(1)
  assert.deepEqual([status, reason, fallback], [200, 'upstream_reset', 'upstream_reset'])
  assert.equal(await metric(`proxy_broken_answers_total{${ROUTE},reason="upstream_reset"}`), 1)
})

test(
  'a good answer that an error handler of the app gives for a failure is not broken',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
    const app = Fastify()
    t.after(() => app.close())
    await app.register(gatewayPlugin, { pools: { app: { endpoints: [upstream.url] } }, metrics: true })
    app.get('/x', {
      config: { gateway: { id: 'all', pool: 'app' } },
      errorHandler: (_error, _request, reply) => reply.code(200).send('spare'),
      handler: app.gateway.forward as never
    })
    assert.equal((await app.inject('/x')).statusCode, 200)
    const scraped = new Scraped((await app.metrics.show()).body)
    assert.equal(scraped.value(`proxy_requests_total{${ROUTE},pool="app",status="200"}`), 1)
    assert.equal(scraped.value(`proxy_broken_answers_total{${ROUTE},reason="upstream_reset"}`) ?? 0, 0)
  }
)
