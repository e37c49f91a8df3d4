import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CounterFamily } from './counter.js'
import { LabelCap } from './label-cap.js'
import { MeasuredFamily } from './measured.js'

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
