import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Endpoint } from '@gatewright/core'
import { endpoints, virtualClock } from '@gatewright/testing'
import { EndpointSeriesMap } from './endpoint-series.js'
import { createFamilies, DURATION_BUCKETS, type Families } from './families.js'
import { LabelCap } from './label-cap.js'

interface Kept {
  readonly cap: LabelCap
  readonly families: Families
  readonly known: EndpointSeriesMap
  readonly advance: (ms: number) => void
}

function kept(most: number): Kept {
  const cap = new LabelCap(most)
  const families = createFamilies(cap, DURATION_BUCKETS)
  const time = virtualClock()
  return { cap, families, known: new EndpointSeriesMap(families, cap, time.clock), advance: time.advance }
}

function names({ families }: Kept): (string | undefined)[] {
  return families.upstreamRequests.samples().map(({ labels }) => labels.endpoint)
}

function endpoint(name: string, pool = 'test'): Endpoint {
  return new Endpoint(pool, new URL(`http://${name}`), 1)
}

test('of endpoints that come and go by the thousand, those that are there have their own names', () => {
  const state = kept(10)
  const { known, families, advance } = state
  let current = endpoints(['http://a-0.test', 'http://b-0.test'])
  for (let n = 1; n <= 5_000; n++) {
    for (const one of current) {
      known.of(one).requests.value++
      known.failed(one, 'upstream_reset')
      known.left(one)
    }
    current = endpoints([`http://a-${n}.test`, `http://b-${n}.test`])
    for (const one of current) {
      known.came(one)
      assert.equal(known.of(one).requests.labels.endpoint, one.name)
    }
    advance(10)
    if (n % 100 === 0) known.sweep()
  }
  assert.equal(names(state).length, 10)
  assert.ok(families.upstreamFailures.samples().length <= 10 * 8)
  assert.ok(families.upstreamDurations.samples().length <= 10 * 20)
})

test('more endpoints than the limit are bounded, and one without a name gets its own when there is room', () => {
  const state = kept(2)
  const { known, advance } = state
  const many = Array.from({ length: 1_000 }, (_, index) => endpoint(`e-${index}.test`))
  for (const one of many) known.of(one).requests.value++
  assert.deepEqual(names(state), ['http://e-0.test', 'http://e-1.test', 'other'])
  for (const one of many.slice(0, 999)) known.left(one)
  known.sweep()
  advance(1)
  const last = many[999] as Endpoint
  known.of(last).requests.value++
  assert.equal(known.of(last).requests.labels.endpoint, last.name)
})

test('a name that another pool uses stays when the endpoint of the one has left', () => {
  const state = kept(1)
  const { known, cap, advance } = state
  const [one, two] = [endpoint('shared.test', 'one'), endpoint('shared.test', 'two')]
  for (const each of [one, two]) known.of(each).requests.value++
  known.left(one)
  known.sweep()
  advance(300_000)
  known.sweep()
  assert.deepEqual(names(state), ['http://shared.test'])
  assert.equal(cap.claim('endpoint', 'http://new.test'), 'other')
})

test('of two endpoints with the same name in one pool, the one that stays goes on being counted', () => {
  const state = kept(9)
  const { known, families, advance } = state
  const [goes, stays] = [endpoint('shared.test/?key=1'), endpoint('shared.test/?key=2')]
  for (const each of [goes, stays]) known.of(each).requests.value++
  known.left(goes, [stays])
  for (let n = 0; n < 3; n++) {
    known.sweep()
    advance(300_000)
  }
  known.of(stays).requests.value++
  assert.deepEqual(
    families.upstreamRequests.samples().map(({ value }) => value),
    [3]
  )
})

test('an endpoint that leaves during its first attempt is forgotten as any other', () => {
  const state = kept(9)
  const { known, advance } = state
  const one = endpoint('one.test')
  one.inFlight = 1
  known.left(one)
  one.inFlight = 0
  known.of(one).requests.value++
  assert.deepEqual(names(state), ['http://one.test'])
  known.sweep()
  advance(300_000)
  known.sweep()
  assert.deepEqual(names(state), [])
})

test('where nobody scrapes, endpoints that come and go leave nothing behind beyond the limit', () => {
  const state = kept(3)
  const { known } = state
  for (let n = 0; n < 10_000; n++) {
    const one = endpoint(`e-${n}.test`)
    one.inFlight = n % 2
    known.of(one).requests.value++
    known.left(one)
    one.inFlight = 0
  }
  assert.ok(names(state).length <= 4)
})

test('an endpoint that comes shows zeros before its first request', () => {
  const { known, families } = kept(9)
  known.came(endpoint('new.test'))
  assert.deepEqual(
    families.upstreamRequests.samples().map(({ labels, value }) => [labels.endpoint, value]),
    [['http://new.test', 0]]
  )
})
