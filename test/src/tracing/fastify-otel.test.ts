import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FastifyOtelInstrumentation } from '@fastify/otel'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { tracing } from '@gatewright/tracing'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'

test('with @fastify/otel a request is one trace: its server span, the gateway’s within it, the attempt’s within that', {
  timeout: 20_000
}, async (t) => {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  t.after(() => provider.shutdown())
  const instrumentation = new FastifyOtelInstrumentation()
  instrumentation.setTracerProvider(provider)
  const upstream = await fakeUpstream(t)
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    shutdown: { signals: false, drain: '0ms' },
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ id: 'all', path: '/users/:id', pool: 'app' }]
  })
  t.after(() => gateway.close())
  gateway.register(instrumentation.plugin()).register(tracing)
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  assert.equal((await fetch(`${url}/users/7`)).status, 200)
  await gateway.close()
  const spans = exporter.getFinishedSpans()
  const named = (name: string) => spans.find((span) => span.attributes[name] !== undefined)
  const attempt = named('gatewright.endpoint')
  const own = named('gatewright.request.id')
  assert.ok(attempt && own)
  assert.equal(attempt.parentSpanContext?.spanId, own.spanContext().spanId)
  const around = spans.find((span) => span.spanContext().spanId === own.parentSpanContext?.spanId)
  assert.ok(around, 'the gateway’s span is within one of the instrumentation')
  assert.equal(around.instrumentationScope.name, '@fastify/otel')
  assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1)
  assert.match(upstream.requests[0]?.header('traceparent') ?? '', new RegExp(own.spanContext().traceId))
})
