import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CounterFamily } from './counter.js'
import { Exposer } from './exposition.js'
import { HistogramFamily } from './histogram.js'
import { LabelCap } from './label-cap.js'

function exposed(shown = () => {}): Exposer {
  const cap = new LabelCap(10)
  const requests = new CounterFamily({ name: 'requests_total', help: 'Requests.', labels: ['route'] }, cap)
  requests.at('a "quoted" \\ one').value = 3
  const seconds = new HistogramFamily({ name: 'seconds', help: 'Time.', labels: [] }, [1], cap)
  seconds.at().record(0.25, 'f'.repeat(32))
  return new Exposer(() => [requests, seconds], shown, false)
}

test('the text format has help, type and escaped labels', async () => {
  const { type, body } = await exposed().show(false)
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8')
  assert.ok(body.includes('# HELP requests_total Requests.\n# TYPE requests_total counter\n'))
  assert.ok(body.includes('requests_total{route="a \\"quoted\\" \\\\ one"} 3\n'))
  assert.ok(body.includes('seconds_bucket{le="1"} 1\n'))
  assert.ok(!body.includes('trace_id'))
})

test('OpenMetrics has examples and its own names of counters, and changes nothing for the text format', async () => {
  const exposer = exposed()
  const { type, body } = await exposer.show(true)
  assert.match(type, /^application\/openmetrics-text; version=1\.0\.0/)
  assert.ok(body.includes('# TYPE requests counter\n'))
  assert.ok(body.includes('requests_total{route='))
  assert.match(body, /seconds_bucket\{le="1"\} 1 # \{trace_id="f{32}"\} 0\.25 \d+/)
  assert.ok(body.endsWith('# EOF\n'))
  assert.ok((await exposer.show(false)).body.includes('# TYPE requests_total counter\n'))
})

test('who asks at the same time gets the same text', async () => {
  let times = 0
  const exposer = exposed(() => void times++)
  const [one, two] = await Promise.all([exposer.show(false), exposer.show(false)])
  assert.equal(one, two)
  assert.equal(times, 1)
  await exposer.show(false)
  assert.equal(times, 2)
})
