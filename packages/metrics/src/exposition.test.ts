import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CounterFamily } from './counter.js'
import { Exposer } from './exposition.js'
import { HistogramFamily } from './histogram.js'
import { LabelCap } from './label-cap.js'
import type { Family } from './sample.js'

function exposed(shown = () => {}, report: (error: unknown) => void = () => {}): Exposer {
  const cap = new LabelCap(10)
  const requests = new CounterFamily({ name: 'requests_total', help: 'Requests.', labels: ['route'] }, cap)
  requests.at('a "quoted" \\ one').value = 3
  const seconds = new HistogramFamily({ name: 'seconds', help: 'Time.', labels: [] }, [1], cap)
  seconds.at().record(0.25, 'f'.repeat(32))
  const broken: Family = {
    name: 'broken',
    help: 'Throws.',
    type: 'gauge',
    labels: [],
    samples() {
      throw new Error('broken')
    }
  }
  return new Exposer(
    () => {
      shown()
      return [requests, seconds, broken]
    },
    false,
    report
  )
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

test('what cannot be read is reported and left out, and so is what never ends', async (t) => {
  const { register, Gauge } = await import('prom-client')
  let end = (): void => {}
  const stuck = new Gauge({
    name: 'stuck',
    help: 'Never ends.',
    collect: () =>
      new Promise<void>((resolve) => {
        end = resolve
      })
  })
  t.after(() => register.removeSingleMetric('stuck'))
  const reported: string[] = []
  const exposer = new Exposer(
    () => [],
    true,
    (error) => void reported.push((error as Error).message)
  )
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const shown = exposer.show(false)
  while (reported.length === 0) {
    await new Promise(setImmediate)
    t.mock.timers.tick(1_000)
  }
  assert.ok((await shown).body.includes('process_cpu_seconds_total'))
  assert.deepEqual(reported, ['metric stuck could not be read within 5 s'])
  end()
  stuck.set(1)
  const broken: string[] = []
  const { body } = await exposed(undefined, (error) => void broken.push((error as Error).message)).show(false)
  assert.deepEqual(broken, ['broken'])
  assert.ok(body.includes('requests_total'))
})
