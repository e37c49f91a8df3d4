import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { AccessLogLine } from '@gatewright/access-log'
import {
  createGateway,
  type GatewayBuilder,
  GatewayError,
  type GatewayServerConfig,
  isUpstreamFault
} from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, gatewayKit } from '@gatewright/testing'
import { tracing } from '@gatewright/tracing'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { FastifyInstance } from 'fastify'
import { Scraped } from '../support/scraped.js'
import { startGateway } from '../support/start-gateway.js'
import { quotas } from '../support/toy-quota.js'

const bounded = { timeout: 20_000 }

const spans = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
before(() => provider.register())
after(() => provider.shutdown())

interface Toy {
  readonly url: string
  readonly gateway: GatewayBuilder
  readonly upstream: FakeUpstream
  readonly lines: (AccessLogLine & { readonly tenant?: string | null })[]
  /** Asks for a tenant, and for the id of the request. */
  ask(tenant: string): Promise<{ readonly status: number; readonly id: string; readonly body: string }>
}

/** A gateway with the toy feature: two requests for each tenant. */
async function toyed(t: TestContext, config: Partial<GatewayServerConfig> = {}): Promise<Toy> {
  const lines: Toy['lines'] = []
  const upstream = await fakeUpstream(t)
  const { url, gateway } = await startGateway(
    t,
    {
      pools: { app: { endpoints: [upstream.url] } },
      routes: [{ id: 'all', path: '/*', pool: 'app' }],
      flightRecorder: true,
      metrics: { listener: 'app' },
      accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
      ...config
    } as GatewayServerConfig,
    {},
    {},
    (builder) => builder.register(tracing).register(quotas(2))
  )
  async function ask(tenant: string): ReturnType<Toy['ask']> {
    const response = await fetch(`${url}/x`, { headers: { 'x-tenant': tenant } })
    return {
      status: response.status,
      id: response.headers.get('x-request-id') ?? '',
      body: await response.text()
    }
  }
  return { url, gateway, upstream, lines, ask }
}

test('a feature answers with its own reason, which every part of the gateway knows', bounded, async (t) => {
  const { ask, lines, upstream } = await toyed(t)
  const answers = [await ask('acme'), await ask('acme'), await ask('acme'), await ask('else')]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 429, 200]
  )
  const { id, body } = answers[2] as (typeof answers)[number]
  const { traceId, ...problem } = JSON.parse(body)
  assert.deepEqual(problem, {
    type: 'urn:gatewright:reason:quota_spent',
    title: 'The quota is spent',
    status: 429,
    reason: 'quota_spent',
    requestId: id
  })
  assert.equal(upstream.requests.length, 3)
  const logged = lines.map(({ status, reason, tenant, breaker_state }) => [
    status,
    reason,
    tenant,
    breaker_state
  ])
  assert.deepEqual(logged, [
    [200, null, 'acme', null],
    [200, null, 'acme', null],
    [429, 'quota_spent', 'acme', null],
    [200, null, 'else', null]
  ])
  assert.equal(lines[2]?.detail, 'tenant acme')
})

test('its event and its fact are counted, from zero', bounded, async (t) => {
  const { ask, url } = await toyed(t)
  const scrape = async (): Promise<Scraped> => new Scraped(await (await fetch(`${url}/metrics`)).text())
  const before = await scrape()
  assert.equal(before.value('toy_quota_checks_total{tenant="acme",result="spent"}'), 0)
  assert.equal(before.value('proxy_request_reasons_total{route="all",reason="quota_spent"}'), 0)
  for (let times = 0; times < 3; times++) await ask('acme')
  const shown = await scrape()
  assert.deepEqual(shown.labels('toy_requests_total'), ['route', 'tenant'])
  assert.equal(shown.value('toy_quota_checks_total{tenant="acme",result="left"}'), 2)
  assert.equal(shown.value('toy_quota_checks_total{tenant="acme",result="spent"}'), 1)
  assert.equal(shown.value('toy_requests_total{route="all",tenant="acme"}'), 3)
  assert.equal(shown.value('proxy_request_reasons_total{route="all",reason="quota_spent"}'), 1)
})

test(
  'how a request went tells its event and its fact, and keeps what it calls a failure',
  bounded,
  async (t) => {
    const { ask, gateway } = await toyed(t)
    const [, last, refused] = [await ask('acme'), await ask('acme'), await ask('acme')]
    assert.match(gateway.why(last.id), /\n {2}\+\d+\.\d ms tenant acme has 0 requests left\n/)
    assert.match(gateway.why(refused.id), /^GET \/x → 429 quota_spent after /)
    assert.match(gateway.why(refused.id), /\nIt was sent for tenant acme\.(?:\n|$)/)
    const { flightRecorder } = gateway.app
    assert.deepEqual(
      flightRecorder.failures().map(({ requestId, tenant }) => [requestId, tenant]),
      [
        [refused.id, 'acme'],
        [last.id, 'acme']
      ]
    )
  }
)

test('spans have its fact as an attribute and its event as an event', bounded, async (t) => {
  spans.reset()
  const { ask } = await toyed(t)
  await ask('acme')
  const all = spans.getFinishedSpans()
  assert.deepEqual(
    all.map(({ attributes }) => attributes['toy.tenant']),
    ['acme', 'acme']
  )
  const [event] = all.flatMap(({ events }) => events.filter(({ name }) => name === 'gatewright.quota'))
  assert.deepEqual(event?.attributes, { tenant: 'acme', left: 1 })
})

test(
  'a route falls back for its reason, and a name that nobody has is refused with the nearest',
  bounded,
  async (t) => {
    const route = (on: string): Partial<GatewayServerConfig> =>
      ({
        routes: [
          {
            id: 'all',
            path: '/*',
            pool: 'app',
            fallback: { on: [on], respond: { status: 200, body: 'later' } }
          }
        ]
      }) as Partial<GatewayServerConfig>
    const { gateway } = await toyed(t, route('quota_spent'))
    assert.deepEqual([...(gateway.app.gateway.snapshot.routes[0]?.fallback?.on ?? [])], ['quota_spent'])
    await assert.rejects(toyed(t, route('quota_spend')), {
      message: /routes\[0\]\.fallback\.on: there is no reason 'quota_spend'; did you mean 'quota_spent'\?/
    })
  }
)

test('an attempt that fails for a reason of a feature counts against its endpoint where that blames it', () => {
  const of = (blames: 'client' | 'upstream'): boolean => {
    const error = new GatewayError({ name: 'quota_spent', status: 502, title: 'Broken', blames })
    return isUpstreamFault({ failure: error.reason, status: 0, error })
  }
  assert.deepEqual([of('upstream'), of('client')], [true, false])
})

test('a fact or a metric of a feature cannot take the name of one that is there', bounded, async (t) => {
  const started = (register: (app: FastifyInstance) => void): Promise<unknown> =>
    startGateway(
      t,
      {
        pools: { app: { endpoints: ['http://127.0.0.1:1'] } },
        metrics: { listener: 'app' },
        accessLog: { destination: { write: () => {} } }
      } as GatewayServerConfig,
      {},
      {},
      (builder) => builder.register(async (app) => register(app))
    )
  const read = (): null => null
  await assert.rejects(
    started(({ gateway }) => gateway.facts.add({ name: 'tenant', read, log: 'status' })),
    { message: /accessLog: the fact 'tenant' cannot be the field 'status'/ }
  )
  await assert.rejects(
    started(({ gateway }) =>
      gateway.facts.add({
        name: 'tenant',
        read,
        counter: { name: 'proxy_requests_total', help: 'All.', label: 'tenant' }
      })
    ),
    { message: /metrics: 'proxy_requests_total' cannot be counted by a plugin/ }
  )
})

test('a plugin that registers too late is told so', bounded, async (t) => {
  const { gateway } = await toyed(t)
  const { facts, events, reasons } = gateway.app.gateway
  const code = 'GW_REGISTRATION_INVALID'
  assert.throws(() => facts.add({ name: 'tenant', read: () => null }), { code, message: /comes too late/ })
  assert.throws(() => events.describe('quota', {}), { code, message: /comes too late/ })
  assert.throws(() => reasons.add({ name: 'quota_spent', status: 429, title: 'Spent', blames: 'client' }), {
    code,
    message: /comes too late/
  })
})

test('the test kit keeps its events as any other', async () => {
  const kit = gatewayKit()
  const gateway = createGateway({ logger: false, accessLog: false }, kit.seams)
    .register(quotas(2))
    .pool('app', ['http://a.test'])
    .route('/*', { pool: 'app' })
  try {
    const { exchange } = await kit.request(gateway, '/x', { headers: { 'x-tenant': 'acme' } })
    assert.deepEqual(gateway.app.gateway.facts.of(exchange), { tenant: 'acme' })
    assert.deepEqual(
      kit.events.map(({ name }) => name),
      ['quota']
    )
  } finally {
    await gateway.close()
  }
})

test('what a feature watches is among the generated alerts and panels', bounded, async (t) => {
  const { gateway } = await toyed(t)
  const { metrics } = gateway.app
  assert.match(
    JSON.stringify(metrics.rules()),
    /"alert":"ToyQuotaSpent","expr":"rate\(toy_quota_checks_total/
  )
  assert.match(JSON.stringify(metrics.dashboard()), /"title":"Quotas"/)
})
