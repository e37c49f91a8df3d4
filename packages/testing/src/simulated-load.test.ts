import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptRecord, BalancingPolicy, Endpoint, Exchange } from '@gatewright/core'
import { endpoints } from './fake-endpoints.js'
import { fakeExchange } from './fake-exchange.js'
import { simulateLoad, tally } from './simulated-load.js'
import { virtualClock } from './virtual-clock.js'

function watch(note: (endpoint: Endpoint, exchange: Exchange) => void): BalancingPolicy {
  return {
    pick([only], exchange) {
      note(only, exchange)
      return only
    }
  }
}

test('the policy sees as many requests in flight as there are other clients', () => {
  const candidates = endpoints(1)
  const seen: number[] = []
  const watching = watch((only) => seen.push(only.inFlight))
  simulateLoad(watching, candidates, { requests: 5, concurrency: 3 })
  assert.deepEqual(seen, [0, 1, 2, 2, 2])
  assert.equal(candidates[0].inFlight, 0)
  assert.equal(candidates[0].started, 5)
})

test('answers come in the order of their time, and the clock is moved along', () => {
  const [slow, quick] = endpoints(2)
  const time = virtualClock(0)
  const ended: [AttemptRecord, at: number][] = []
  let turn = 0
  const turns: BalancingPolicy = {
    pick: (all) => all[turn++ % 2] as Endpoint,
    ended: (attempt) => void ended.push([attempt, time.now()])
  }
  simulateLoad(turns, [slow, quick], {
    requests: 2,
    concurrency: 2,
    time,
    answer: (endpoint) => ({ ms: endpoint === slow ? 50 : 5, status: endpoint === slow ? 503 : 204 })
  })
  assert.deepEqual(
    ended.map(([{ endpoint, status, startedAt, headAt }, at]) => [endpoint, status, startedAt, headAt, at]),
    [
      [quick, 204, 0, 5, 5],
      [slow, 503, 0, 50, 50]
    ]
  )
})

test('every request can be another one', () => {
  const seen: string[] = []
  const watching = watch((_only, { path }) => seen.push(path))
  simulateLoad(watching, endpoints(1), { requests: 3, request: (n) => fakeExchange({ path: `/${n}` }) })
  assert.deepEqual(seen, ['/0', '/1', '/2'])
})

test('the tally has a number for every candidate, picked or not', () => {
  const candidates = endpoints(2)
  assert.deepEqual(
    tally(
      simulateLoad(
        watch(() => {}),
        candidates,
        { requests: 4 }
      ),
      candidates
    ),
    [4, 0]
  )
})
