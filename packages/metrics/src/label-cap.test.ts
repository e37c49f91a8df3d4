import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Measure } from '@gatewright/core'
import { CounterFamily } from './counter.js'
import { LabelCap } from './label-cap.js'
import { MeasuredFamilies, MeasuredFamily } from './measured.js'

test('a label has as many values as allowed; what comes later is counted as other', () => {
  const family = new CounterFamily({ name: 'requests_total', help: '', labels: ['route'] }, new LabelCap(2))
  for (const route of ['a', 'b', 'c', 'd', 'a']) family.at(route).value++
  assert.deepEqual(
    family.samples().map(({ labels, value }) => [labels.route, value]),
    [
      ['a', 2],
      ['b', 1],
      ['other', 2]
    ]
  )
})

test('every label has a limit of its own, and a forgotten value makes room', () => {
  const cap = new LabelCap(1)
  assert.deepEqual([cap.of('route', 'a'), cap.of('pool', 'b'), cap.of('pool', 'c')], ['a', 'b', 'other'])
  cap.forget('pool', 'b')
  assert.equal(cap.of('pool', 'c'), 'c')
})

test('labels whose values are ours have no limit', () => {
  const cap = new LabelCap(1)
  for (const state of ['closed', 'open', 'half_open']) assert.equal(cap.of('state', state), state)
})

test('a measure that Prometheus could not read is reported once, and so is a value that is no number', () => {
  const reported: string[] = []
  const families = new MeasuredFamilies(
    new LabelCap(9),
    (error) => void reported.push((error as Error).message)
  )
  const measure = (name: string, value: unknown) =>
    ({ name, help: '', type: 'gauge', labels: [], read: (show) => show(value as number) }) satisfies Measure
  const measures = [measure('a-b', 1), measure('nothing', undefined), measure('fine', 1)]
  for (let n = 0; n < 2; n++)
    assert.deepEqual(
      families.of(measures).map((family) => [family.name, family.samples().length]),
      [
        ['nothing', 0],
        ['fine', 1]
      ]
    )
  assert.deepEqual(reported, [
    "measure a-b: 'a-b' is no name that Prometheus reads",
    'measure nothing showed undefined, not a number'
  ])
})

test('measured values beyond the limit are shown as one sum', () => {
  const measure = {
    name: 'length',
    help: '',
    type: 'gauge',
    labels: ['pool'],
    read: (show: (value: number, ...labels: string[]) => void) => {
      for (const [index, pool] of ['a', 'b', 'c'].entries()) show(index + 1, pool)
    }
  } as const
  const family = new MeasuredFamily(measure, new LabelCap(1), (error) => assert.fail(String(error)))
  assert.deepEqual(family.samples(), [
    { labels: { pool: 'a' }, value: 1 },
    { labels: { pool: 'other' }, value: 5 }
  ])
})

test('a measure that throws is reported and shows nothing', () => {
  const broken = {
    name: 'broken',
    help: '',
    type: 'gauge',
    labels: [],
    read: () => {
      throw new Error('broken')
    }
  } as const
  const reported: unknown[] = []
  const family = new MeasuredFamily(broken, new LabelCap(1), (error) => reported.push(error))
  assert.deepEqual(family.samples(), [])
  assert.equal(reported.length, 1)
})
