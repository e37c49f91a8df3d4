import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, fakeAttempt, fakeExchange } from '@gatewright/testing'
import { type SpanStatus, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api'
import { Tracing } from './tracing.js'

/** Spans that only record their status. */
function fakeTracer(traceFlags: TraceFlags): { tracer: Tracer; statuses: SpanStatus[] } {
  const statuses: SpanStatus[] = []
  const tracer = {
    startSpan() {
      const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags })
      return Object.assign(span, {
        setStatus(status: SpanStatus) {
          statuses.push(status)
          return span
        }
      })
    }
  } as unknown as Tracer
  return { tracer, statuses }
}

test('an exchange knows whether its trace is kept', () => {
  for (const [flags, sampled] of [
    [TraceFlags.SAMPLED, true],
    [TraceFlags.NONE, false]
  ] as const) {
    const exchange = fakeExchange()
    new Tracing(fakeTracer(flags).tracer).begin(exchange)
    assert.deepEqual([exchange.traceId, exchange.traceSampled], ['1'.repeat(32), sampled])
  }
})

test('the span of an attempt is an error only when the attempt failed', () => {
  for (const [changes, expected] of [
    [{ status: 200 }, []],
    [{ status: 0, failure: 'upstream_reset' }, [{ code: SpanStatusCode.ERROR }]]
  ] as const) {
    const { tracer, statuses } = fakeTracer(TraceFlags.SAMPLED)
    const spans = new Tracing(tracer)
    const exchange = fakeExchange()
    const [endpoint] = endpoints(1)
    assert.ok(endpoint !== undefined)
    spans.begin(exchange)
    const attempt = fakeAttempt(endpoint, changes)
    exchange.attempts.push(attempt)
    spans.attemptStarted(endpoint, exchange)
    spans.attemptEnded(attempt, exchange)
    assert.deepEqual(statuses, expected)
  }
})
