import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange, Fact, Route } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import { FactCounters } from './fact-counters.js'
import { LabelCap } from './label-cap.js'

test('requests are counted by route and by what a feature has found out, and not where that is nothing', () => {
  const known = new WeakMap<Exchange, string>()
  const read = (exchange: Exchange): string | null => known.get(exchange) ?? null
  const counter = { name: 'gw_cache_total', help: 'What a cache did.', label: 'result' }
  const facts: Fact[] = [
    { name: 'other', read },
    { name: 'cache', read, counter }
  ]
  const counters = new FactCounters(new LabelCap(10), facts)
  for (const [result, route] of [
    ['hit', { id: 'users' } as Route],
    ['hit', { id: 'users' } as Route],
    ['miss', null],
    [null, null]
  ] as const) {
    const exchange = Object.assign(fakeExchange(), { route })
    if (result !== null) known.set(exchange, result)
    counters.closed(exchange)
  }
  assert.deepEqual(
    counters.families.map(({ name, labels }) => [name, labels]),
    [['gw_cache_total', ['route', 'result']]]
  )
  assert.deepEqual(
    counters.families[0]?.series().map(({ labels, value }) => [labels.route, labels.result, value]),
    [
      ['users', 'hit', 2],
      ['none', 'miss', 1]
    ]
  )
})
