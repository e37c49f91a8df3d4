import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawClient } from '@gatewright/testing'
import { tracing } from '@gatewright/tracing'
import { propagation, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { eventually } from '../support/eventually.js'
import { attribute, type ReceivedSpan, TraceReceiver } from '../support/trace-receiver.js'

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

test(
  'what is refused or redirected on arrival has a span too, whose trace is in the log and in the answer',
  bounded,
  async (t) => {
    const lines: { request_id: string; trace_id: string | null; reason: string | null; status: number }[] = []
    const upstream = await fakeUpstream(t)
    const url = await traced(t, {
      pools: { app: { endpoints: [upstream.url] } },
      routes: [{ path: '/*', pool: 'app' }],
      paths: { policy: 'redirect' },
      via: 'edge',
      accessLog: { destination: { write: (line) => lines.push(JSON.parse(line)) } }
    })
    const port = Number(new URL(url).port)
    const asked: readonly (readonly [
      request: string,
      name: string,
      status: number,
      reason: string | null
    ])[] = [
      ['GET /a%zz HTTP/1.1\r\nHost: a\r\n', 'GET', 400, 'path_rejected'],
      ['GET /a/../b HTTP/1.1\r\nHost: a\r\n', 'GET', 308, null],
      ['GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 edge\r\n', 'GET', 508, 'loop_detected'],
      ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n', 'GET', 400, 'request_rejected'],
      ['GET / HTTP/2.0\r\nHost: a\r\n', 'GET', 505, 'http_version_not_supported'],
      ['CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n', 'CONNECT', 405, 'method_not_allowed'],
      ['NO HTTP AT ALL\r\n', 'HTTP', 400, 'request_rejected']
    ]
    for (const [request, name, status, reason] of asked) {
      lines.length = 0
      const client = await rawClient(port, { t })
      await client.write(`${request}Connection: close\r\n\r\n`)
      await client.closed
      await eventually(async () => assert.equal(lines.length, 1))
      const [line] = lines
      assert.deepEqual([line?.status, line?.reason], [status, reason], request)
      const [server, ...others] = await spansOf(line?.trace_id ?? '')
      assert.ok(server, request)
      assert.deepEqual(others, [])
      assert.deepEqual([server.kind, server.name], [2, name], request)
      assert.equal(attribute(server, 'gatewright.request.id'), line?.request_id)
      assert.equal(attribute(server, 'http.response.status_code'), status)
      assert.equal(server.status.code ?? 0, status >= 500 ? 2 : 0)
      assert.equal(attribute(server, 'error.type'), status >= 500 ? reason : undefined)
      if (reason !== null) assert.ok(client.received.includes(line?.trace_id ?? '-'), request)
    }
    assert.deepEqual(upstream.requests, [])
  }
)

test(
  'a broken answer is an error of server and attempt, a 404 one of the attempt only',
  bounded,
  async (t) => {
    const broken = await fakeUpstream(t, { body: 'half', cut: 'mid-body' })
    const missing = await fakeUpstream(t, { status: 404 })
    const url = await traced(t, {
      pools: { broken: { endpoints: [broken.url] }, missing: { endpoints: [missing.url] } },
      routes: [
        { path: '/broken/*', pool: 'broken' },
        { path: '/missing/*', pool: 'missing' }
      ]
    })
    const seen = async (upstream: FakeUpstream): Promise<ReceivedSpan[]> => {
      const [, traceId = ''] = TRACEPARENT.exec(upstream.requests[0]?.header('traceparent') ?? '') ?? []
      await eventually(async () => assert.equal((await spansOf(traceId)).length, 2))
      return spansOf(traceId)
    }
    await assert.rejects(async () => (await fetch(`${url}/broken/x`)).text())
    const [server, client] = await seen(broken)
    assert.ok(server && client)
    assert.deepEqual([server.name, server.status.code], ['GET /broken/*', 2])
    assert.equal(attribute(server, 'error.type'), 'upstream_reset')
    assert.equal(attribute(server, 'http.response.status_code'), 200)
    assert.deepEqual([client.status.code, attribute(client, 'error.type')], [2, 'upstream_reset'])
    await (await fetch(`${url}/missing/x?token=secret`)).text()
    const [fine, failed] = await seen(missing)
    assert.ok(fine && failed)
    assert.deepEqual([fine.status.code ?? 0, attribute(fine, 'error.type')], [0, undefined])
    assert.deepEqual([failed.status.code, attribute(failed, 'error.type')], [2, '404'])
    assert.equal(attribute(failed, 'url.full'), `${missing.url}/missing/x`)
    assert.equal(attribute(fine, 'network.protocol.version'), '1.1')
    assert.equal(attribute(fine, 'server.address'), '127.0.0.1')
    assert.equal(Number(attribute(fine, 'server.port')), Number(new URL(url).port))
  }
)

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
