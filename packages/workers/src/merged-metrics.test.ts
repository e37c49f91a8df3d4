import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finish } from '@gatewright/core'
import { seededChance, virtualClock } from '@gatewright/testing'
import { sampleOf, withLabel } from './exposition-lines.js'
import { MergedMetrics } from './merged-metrics.js'
import { PastCounts } from './past-counts.js'

const none = { across: {}, past: false }

function merge(
  texts: readonly string[],
  across: Record<string, unknown> = {},
  format: 'prometheus' | 'openmetrics' = 'prometheus'
) {
  const merged = new MergedMetrics()
  for (const [index, text] of texts.entries())
    finish(merged.add({ worker: index + 1, text, across, past: false }))
  return finish(merged.text(format))
}

test('counters and histograms are added up, and every series is shown once', () => {
  const one =
    '# HELP a Requests.\n# TYPE a counter\na_total{x="1"} 2\na_total{x="2"} 1\n# TYPE h histogram\nh_bucket{le="1"} 3\nh_sum 1.5\n# EOF\n'
  const two =
    '# HELP a Requests.\n# TYPE a counter\na_total{x="1"} 5\n# TYPE h histogram\nh_bucket{le="1"} 4\nh_sum 2\n# EOF\n'
  assert.equal(
    merge([one, two]),
    '# HELP a_total Requests.\n# TYPE a_total counter\na_total{x="1"} 7\na_total{x="2"} 1\n# HELP h \n# TYPE h histogram\nh_bucket{le="1"} 7\nh_sum 3.5\n'
  )
})

test('gauges go by their rule', () => {
  const text = (value: number): string =>
    ['sum', 'min', 'max', 'average', 'omit']
      .map((name) => `# TYPE ${name} gauge\n${name} ${value}\n`)
      .join('')
  const across = { min: 'min', max: 'max', average: 'average', omit: 'omit' }
  assert.deepEqual(merge([text(1), text(2), text(6)], across).match(/^\w+ .*$/gm), [
    'sum 9',
    'min 1',
    'max 6',
    'average 3'
  ])
})

test('metrics of a process have the number of the worker', () => {
  const text =
    '# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total 1\n# TYPE nodejs_gc gauge\nnodejs_gc{kind="a"} 2\n'
  assert.deepEqual(merge([text, text]).match(/^[a-z_]+\{.*$/gm), [
    'process_cpu_seconds_total{worker="1"} 1',
    'process_cpu_seconds_total{worker="2"} 1',
    'nodejs_gc{worker="1",kind="a"} 2',
    'nodejs_gc{worker="2",kind="a"} 2'
  ])
})

test('exemplars are shown as OpenMetrics alone, and the last one stays', () => {
  const text = (id: string): string =>
    `# TYPE h histogram\nh_bucket{le="1"} 1 # {trace_id="${id}"} 0.5 1700000000\n# EOF\n`
  assert.match(
    merge([text('a'), text('b')], {}, 'openmetrics'),
    /^h_bucket\{le="1"\} 2 # \{trace_id="b"\} 0.5 1700000000\n# EOF\n$/m
  )
  assert.doesNotMatch(merge([text('a')]), /trace_id|EOF/)
})

test('label values may hold anything', () => {
  for (const value of ['a b', 'a} 1', '{', ' # {x} ', '\\"', '\\\\', 'é"'.replace('"', '\\"')]) {
    const line = `a{x="${value}",y="1"} 3`
    assert.deepEqual(sampleOf(line), { key: `a{x="${value}",y="1"}`, value: 3, exemplar: '' })
  }
  assert.equal(withLabel('a{x="1"}', 'w="2"'), 'a{w="2",x="1"}')
  assert.equal(withLabel('a', 'w="2"'), 'a{w="2"}')
})

test('numbers that are none by JSON are read and written', () => {
  for (const [text, shown] of [
    ['+Inf', '+Inf'],
    ['-Inf', '-Inf'],
    ['NaN', 'NaN'],
    ['Nan', 'NaN'],
    ['1e3', '1000']
  ])
    assert.match(merge([`# TYPE a gauge\na ${text}\n`]), new RegExp(`^a ${shown?.replace('+', '\\+')}$`, 'm'))
})

test('what cannot be read is left out, and harms nothing', () => {
  const chance = seededChance(3)
  const letters = 'a{}"\\ #=1.\nTYPEHLcount'
  for (let n = 0; n < 2_000; n++) {
    const junk = Array.from({ length: 40 }, () => letters[Math.floor(chance() * letters.length)]).join('')
    const shown = merge([
      `${junk}\n# TYPE sure counter\nsure_total 1\n`,
      '# TYPE sure counter\nsure_total 2\n'
    ])
    assert.match(shown, /^sure_total 3$/m)
  }
})

test('the counts of a worker that has gone stay, and its gauges go', () => {
  const past = new PastCounts(virtualClock().clock)
  const text =
    '# TYPE a counter\na_total 5\n# TYPE g gauge\ng 5\n# TYPE process_cpu counter\nprocess_cpu_total 5\n'
  finish(past.keep({ worker: 1, text, ...none }))
  finish(past.keep({ worker: 2, text, ...none }))
  const merged = new MergedMetrics()
  finish(merged.add({ worker: 3, text: '# TYPE a counter\na_total 1\n', ...none }))
  finish(past.addTo(merged))
  assert.deepEqual(finish(merged.text('prometheus')).match(/^\w+ .*$/gm), ['a_total 11'])
})

test('a series that no worker has any more is forgotten after an hour', () => {
  const time = virtualClock()
  const past = new PastCounts(time.clock)
  finish(
    past.keep({ worker: 1, text: '# TYPE a counter\na_total 5\n# TYPE b counter\nb_total 1\n', ...none })
  )
  const shown = (): string => {
    const merged = new MergedMetrics()
    finish(merged.add({ worker: 3, text: '# TYPE a counter\na_total 1\n', ...none }))
    finish(past.addTo(merged))
    return (
      finish(merged.text('prometheus'))
        .match(/^\w+ .*$/gm)
        ?.join() ?? ''
    )
  }
  assert.equal(shown(), 'a_total 6,b_total 1')
  time.advance(3_600_001)
  assert.equal(shown(), 'a_total 6')
  assert.equal(past.size, 1)
})

test('many series are read and written in short steps', () => {
  const text = `# TYPE a counter\n${Array.from({ length: 20_000 }, (_, n) => `a_total{x="${n}"} 1\n`).join('')}`
  const merged = new MergedMetrics()
  const stepsOf = (steps: Iterator<unknown>): number => {
    let count = 0
    while (steps.next().done !== true) count++
    return count
  }
  assert.ok(stepsOf(merged.add({ worker: 1, text, ...none })) >= 79)
  assert.ok(stepsOf(merged.text('prometheus')) >= 79)
})
