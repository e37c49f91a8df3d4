import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type AccessLogLine, createGateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { tracing } from '@gatewright/tracing'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { eventually } from '../support/eventually.js'

function memory(t: TestContext): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  t.after(() => provider.shutdown())
  return exporter
}

test('request id, trace id and reason are the same for the client, in log, span, metrics and story', {
  timeout: 20_000
}, async (t) => {
  const exporter = memory(t)
  const upstream = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
  const lines: AccessLogLine[] = []
  const gateway = createGateway({
    logger: false,
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    metrics: true,
    flightRecorder: true,
    probes: { port: 0, host: '127.0.0.1' },
    shutdown: { signals: false, wait: '0ms', drain: '0ms' },
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ id: 'all', path: '/*', pool: 'app' }]
  }).register(tracing)
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })

  const response = await fetch(`${url}/x`)
  const { requestId, traceId, reason } = (await response.json()) as Record<string, string>
  assert.equal(response.status, 502)
  assert.equal(requestId, response.headers.get('x-request-id'))
  assert.match(traceId ?? '', /^[0-9a-f]{32}$/)
  assert.equal(reason, 'upstream_reset')

  await eventually(async () => assert.equal(lines.length, 1))
  const [line] = lines
  assert.deepEqual([line?.request_id, line?.trace_id, line?.reason], [requestId, traceId, reason])

  const span = exporter.getFinishedSpans().find(({ attributes }) => attributes['gatewright.reason'])
  assert.equal(span?.spanContext().traceId, traceId)
  assert.deepEqual(
    [span?.attributes['gatewright.request.id'], span?.attributes['error.type']],
    [requestId, reason]
  )

  const accept = 'application/openmetrics-text; version=1.0.0'
  const scrape = await fetch(`http://127.0.0.1:${gateway.probePort}/metrics`, { headers: { accept } })
  const text = await scrape.text()
  assert.ok(text.includes(`proxy_request_reasons_total{route="all",reason="${reason}"} 1`))
  assert.match(
    text,
    new RegExp(
      `^proxy_request_duration_seconds_bucket\\{.*route="all".*\\} 1 # \\{trace_id="${traceId}"\\}`,
      'm'
    )
  )

  const story = gateway.why(requestId ?? '')
  for (const part of [requestId, traceId, reason]) assert.ok(story.includes(part ?? '?'), story)
  assert.equal(upstream.requests[0]?.header('traceparent')?.split('-')[1], traceId)
})
