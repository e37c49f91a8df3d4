import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { tracing } from '@gatewright/tracing'
import { propagation, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { attribute, type ReceivedSpan, TraceReceiver } from './support/trace-receiver.js'

const bounded = { timeout: 20_000 }

const ends: (() => unknown)[] = []
let provider: NodeTracerProvider
let receiver: TraceReceiver
let exporter: OTLPTraceExporter

// One SDK for the process, as in an application; its exporter sends to a receiver of this file's own.
before(async () => {
  receiver = await TraceReceiver.start({ after: (end) => void ends.push(end) })
  exporter = new OTLPTraceExporter({ url: receiver.url })
  provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
  provider.register()
})

after(async () => {
  await provider.shutdown()
  for (const end of ends) await end()
})

async function traced(t: TestContext, config: GatewayServerConfig): Promise<string> {
  const quiet = { logger: false, accessLog: false, shutdown: { signals: false, drain: '0ms' } } as const
  const gateway = createGateway({ ...quiet, ...config } as GatewayServerConfig).register(tracing)
  t.after(() => gateway.close())
  return gateway.listen({ port: 0, host: '127.0.0.1' })
}

/** The spans of one trace, once they have been exported: the server's, then the clients'. */
async function spansOf(traceId: string): Promise<ReceivedSpan[]> {
  await provider.forceFlush()
  return receiver.spans.filter((span) => span.traceId === traceId).sort((a, b) => a.kind - b.kind)
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/

test('a request has a span, and so has its attempt, whose id the upstream gets', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await traced(t, {
    pools: { users: { endpoints: [upstream.url] } },
    routes: [{ id: 'users', path: '/users/:id', pool: 'users' }]
  })
  await (await fetch(`${url}/users/7?token=secret`)).text()
  const [, traceId = '', spanId] = TRACEPARENT.exec(upstream.requests[0]?.header('traceparent') ?? '') ?? []
  const [server, client, ...others] = await spansOf(traceId)
  assert.ok(server && client)
  assert.deepEqual(others, [])
  assert.deepEqual([server.kind, server.name], [2, 'GET /users/:id'])
  assert.equal(server.parentSpanId ?? '', '')
  assert.equal(attribute(server, 'http.response.status_code'), 200)
  assert.equal(attribute(server, 'http.route'), '/users/:id')
  assert.equal(attribute(server, 'url.path'), '/users/7')
  assert.equal(attribute(server, 'gatewright.pool.id'), 'users')
  assert.deepEqual([client.kind, client.parentSpanId, client.spanId], [3, server.spanId, spanId])
  assert.equal(attribute(client, 'gatewright.endpoint'), upstream.url)
  assert.equal(attribute(client, 'gatewright.balancing'), 'p2c')
  assert.equal(Number(attribute(client, 'gatewright.candidates')), 1)
  assert.deepEqual(
    server.events.map(({ name }) => name),
    ['gatewright.route']
  )
  assert.equal(attribute(client, 'http.response.status_code'), 200)
  assert.ok(!JSON.stringify([server, client]).includes('secret'))
})

test('the trace of a trusted peer is continued, with its baggage', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await traced(t, {
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'app' }],
    trustedProxies: ['127.0.0.1']
  })
  const traceId = 'a'.repeat(32)
  const headers = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01`, baggage: 'tenant=7' }
  await (await fetch(url, { headers })).text()
  const seen = upstream.requests[0]
  assert.equal(TRACEPARENT.exec(seen?.header('traceparent') ?? '')?.[1], traceId)
  assert.deepEqual(seen?.headerAll('baggage'), ['tenant=7'])
  const [server] = await spansOf(traceId)
  assert.equal(server?.parentSpanId, 'b'.repeat(16))
})

test('an untrusted client can neither join a trace nor send baggage on', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await traced(t, {
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'app' }]
  })
  const headers = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`, baggage: 'tenant=7' }
  await (await fetch(url, { headers })).text()
  const seen = upstream.requests[0]
  assert.equal(seen?.headerAll('traceparent').length, 1)
  assert.notEqual(TRACEPARENT.exec(seen?.header('traceparent') ?? '')?.[1], 'c'.repeat(32))
  assert.deepEqual(seen?.headerAll('baggage'), [])
})

test('through two gateways a request is one trace', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const inner = await traced(t, {
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'app' }],
    trustedProxies: ['127.0.0.1']
  })
  const outer = await traced(t, {
    pools: { inner: { endpoints: [inner] } },
    routes: [{ path: '/*', pool: 'inner' }]
  })
  await (await fetch(`${outer}/x`)).text()
  const traceId = TRACEPARENT.exec(upstream.requests[0]?.header('traceparent') ?? '')?.[1] ?? ''
  const spans = await spansOf(traceId)
  assert.deepEqual(
    spans.map(({ kind }) => kind),
    [2, 2, 3, 3]
  )
  const ids = new Set(spans.map(({ spanId }) => spanId))
  assert.equal(spans.filter(({ parentSpanId = '' }) => ids.has(parentSpanId)).length, 3)
})

test('each attempt has a span of its own, and a failed one is marked', bounded, async (t) => {
  const bad = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
  const good = await fakeUpstream(t)
  const url = await traced(t, {
    pools: { app: { endpoints: [bad.url, good.url], balancing: 'first' } },
    routes: [{ path: '/*', pool: 'app', retry: 'safe' }]
  })
  assert.equal((await fetch(url)).status, 200)
  const ids = [bad, good].map((upstream) =>
    TRACEPARENT.exec(upstream.requests[0]?.header('traceparent') ?? '')
  )
  assert.equal(ids[0]?.[1], ids[1]?.[1])
  assert.notEqual(ids[0]?.[2], ids[1]?.[2])
  const [server, ...clients] = await spansOf(ids[0]?.[1] ?? '')
  const failed = clients.find(({ spanId }) => spanId === ids[0]?.[2])
  const second = clients.find(({ spanId }) => spanId === ids[1]?.[2])
  assert.ok(server && failed && second)
  assert.deepEqual([attribute(failed, 'error.type'), failed.status.code], ['upstream_reset', 2])
  assert.equal(attribute(second, 'http.request.resend_count'), 1)
  assert.ok(server.events.some(({ name }) => name === 'gatewright.retry'))
})

test(
  'an attempt that waits in line while a hedge begins carries its own span upstream',
  bounded,
  async (t) => {
    const [one, two] = [await fakeUpstream(t), await fakeUpstream(t, () => {})]
    const held = one.hold()
    const url = await traced(t, {
      pools: { app: { endpoints: [one.url, two.url], balancing: 'first', connections: { max: 1 } } },
      routes: [
        { path: '/hold', pool: 'app' },
        { path: '/hedged', pool: 'app', hedge: { after: '10ms' } }
      ]
    })
    const first = fetch(`${url}/hold`)
    const { respond } = await held
    const second = fetch(`${url}/hedged`)
    const hedge = TRACEPARENT.exec((await two.request(1)).header('traceparent') ?? '')
    await respond.answer()
    for (const answer of [first, second]) assert.equal((await answer).status, 200)
    const waited = TRACEPARENT.exec(one.requests[1]?.header('traceparent') ?? '')
    assert.equal(waited?.[1], hedge?.[1])
    const spans = await spansOf(waited?.[1] ?? '')
    const endpointOf = (id: string | undefined): unknown => {
      const span = spans.find(({ spanId }) => spanId === id)
      return span && attribute(span, 'gatewright.endpoint')
    }
    assert.deepEqual([endpointOf(waited?.[2]), endpointOf(hedge?.[2])], [one.url, two.url])
  }
)

test('an answer of the gateway itself has its reason on the span', bounded, async (t) => {
  const ids: string[] = []
  const url = await traced(t, {
    routes: [{ path: '/a', respond: {} }],
    hooks: { onRequest: async ({ exchange }) => void ids.push(exchange?.traceId ?? '') }
  })
  assert.equal((await fetch(`${url}/b`)).status, 404)
  const [server] = await spansOf(ids[0] ?? '')
  assert.ok(server)
  assert.equal(attribute(server, 'gatewright.reason'), 'route_not_found')
})

test('spans of hooks are parts of the request’s', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await traced(t, {
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'app' }],
    hooks: { onRequest: async () => trace.getTracer('user').startSpan('look up').end() }
  })
  await (await fetch(url)).text()
  const traceId = TRACEPARENT.exec(upstream.requests[0]?.header('traceparent') ?? '')?.[1] ?? ''
  const spans = await spansOf(traceId)
  const server = spans.find(({ kind }) => kind === 2)
  assert.equal(spans.find(({ name }) => name === 'look up')?.parentSpanId, server?.spanId)
})

test('a receiver that does not answer delays no request', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await traced(t, {
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'app' }]
  })
  const stuck = t.mock.method(exporter, 'export', () => {})
  for (let n = 0; n < 50; n++) assert.equal((await fetch(url)).status, 200)
  stuck.mock.restore()
  assert.deepEqual(propagation.fields(), ['traceparent', 'tracestate', 'baggage'])
})
