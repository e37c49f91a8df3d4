import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gauge } from '@gatewright/core'
import { CounterFamily } from './counter.js'
import { GaugeFamilies, GaugeFamily } from './gauge-families.js'
import { LabelCap, PassingClaims } from './label-cap.js'

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

test('every label has a limit of its own, and a value makes room when the last of its users is done', () => {
  const cap = new LabelCap(1)
  const claim = (label: string, value: string): string => cap.claim(label, value)
  assert.deepEqual([claim('route', 'a'), claim('pool', 'b'), claim('pool', 'b')], ['a', 'b', 'b'])
  cap.release('pool', 'b')
  assert.equal(claim('pool', 'c'), 'other')
  cap.release('pool', 'b')
  assert.equal(claim('pool', 'c'), 'c')
})

test('other takes nobody’s place, and to release it or a stranger frees nothing', () => {
  const cap = new LabelCap(1)
  assert.equal(cap.claim('pool', 'other'), 'other')
  assert.equal(cap.claim('pool', 'a'), 'a')
  for (const value of ['other', 'b', '__proto__']) cap.release('pool', value)
  assert.equal(cap.claim('pool', 'b'), 'other')
})

test('labels whose values are ours have no limit', () => {
  const cap = new LabelCap(1)
  for (const state of ['closed', 'open', 'half_open']) assert.equal(cap.claim('state', state), state)
})

test('a full label takes a new value when somebody makes room, and asks no more when nobody can', () => {
  const cap = new LabelCap(1)
  const spare = ['a']
  let asked = 0
  cap.whenFull('pool', () => {
    asked++
    const value = spare.pop()
    if (value !== undefined) cap.release('pool', value)
    return value !== undefined
  })
  assert.deepEqual(
    ['a', 'b', 'c'].map((value) => cap.claim('pool', value)),
    ['a', 'b', 'other']
  )
  assert.equal(asked, 2)
})

test('series that share other are forgotten with the last of them, and their own labels make room', () => {
  const family = new CounterFamily({ name: 'n', help: '', labels: ['pool', 'endpoint'] }, new LabelCap(1))
  const shown = (): string[] => family.samples().map(({ labels }) => Object.values(labels).join(' '))
  family.at('a', 'x')
  const [b, c] = [family.at('b', 'x'), family.at('c', 'x')]
  assert.deepEqual(shown(), ['a x', 'other x'])
  family.drop(b)
  assert.deepEqual(shown(), ['a x', 'other x'])
  family.drop(c)
  assert.deepEqual(shown(), ['a x'])
  family.drop(c)
  family.drop(family.at('a', 'x'))
  assert.deepEqual(shown(), ['a x'])
})

test('what a scrape has shown and the next one does not makes room', () => {
  let shows = ['a', 'b']
  const gauge: Gauge = {
    name: 'length',
    help: '',
    type: 'gauge',
    labels: ['endpoint'],
    read: (show) => {
      for (const endpoint of shows) show(1, endpoint)
    }
  }
  const families = new GaugeFamilies(new LabelCap(2), (error) => assert.fail(String(error)))
  const names = (): unknown[] =>
    families
      .of([gauge])
      .flatMap((family) => family.samples())
      .map(({ labels }) => labels.endpoint)
  assert.deepEqual(names(), ['a', 'b'])
  shows = ['b', 'c']
  assert.deepEqual(names(), ['b', 'c'])
  shows = ['d', 'e', 'f']
  assert.deepEqual(names(), ['d', 'e', 'other'])
})

test('a gauge that Prometheus could not read is reported once, and so is a value that is no number', () => {
  const reported: string[] = []
  const families = new GaugeFamilies(new LabelCap(9), (error) => void reported.push((error as Error).message))
  const gauge = (name: string, value: unknown) =>
    ({ name, help: '', type: 'gauge', labels: [], read: (show) => show(value as number) }) satisfies Gauge
  const gauges = [gauge('a-b', 1), gauge('nothing', undefined), gauge('fine', 1)]
  for (let n = 0; n < 2; n++)
    assert.deepEqual(
      families.of(gauges).map((family) => [family.name, family.samples().length]),
      [
        ['nothing', 0],
        ['fine', 1]
      ]
    )
  assert.deepEqual(reported, [
    "gauge a-b: 'a-b' is no name that Prometheus reads",
    'gauge nothing showed undefined, not a number'
  ])
})

test('measured values beyond the limit are shown as one sum', () => {
  const gauge = {
    name: 'length',
    help: '',
    type: 'gauge',
    labels: ['pool'],
    read: (show: (value: number, ...labels: string[]) => void) => {
      for (const [index, pool] of ['a', 'b', 'c'].entries()) show(index + 1, pool)
    }
  } as const
  const family = new GaugeFamily(gauge, new PassingClaims(new LabelCap(1)), (error) =>
    assert.fail(String(error))
  )
  assert.deepEqual(family.samples(), [
    { labels: { pool: 'a' }, value: 1 },
    { labels: { pool: 'other' }, value: 5 }
  ])
})

test('a gauge that throws is reported and shows nothing', () => {
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
  const family = new GaugeFamily(broken, new PassingClaims(new LabelCap(1)), (error) => reported.push(error))
  assert.deepEqual(family.samples(), [])
  assert.equal(reported.length, 1)
})
