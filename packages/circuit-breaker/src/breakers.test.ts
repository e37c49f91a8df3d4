import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finish, type Gateway, RouteSlot, type Snapshot } from '@gatewright/core'
import { Breakers } from './breakers.js'

function breakers(): Breakers {
  let slots = 0
  const gateway = {
    clock: () => 0,
    chance: () => 0.5,
    events: { emit() {} },
    claimSlot: () => slots++,
    claimRouteSlot: () => new RouteSlot(0)
  }
  return new Breakers(gateway as unknown as Gateway)
}

function snapshotOf(pools: Record<string, unknown>): Snapshot {
  const made = Object.entries(pools).map(([id, circuitBreaker]) => [id, { id, config: { circuitBreaker } }])
  const stages = { gates: [], observers: [] }
  return { pools: new Map(made as never), routes: [], native: new Map(), stages } as unknown as Snapshot
}

const OPEN = { 'pool a': { kind: 'open', sinceMs: 1_000, remainingMs: 5_000, times: 1 } }

test('a breaker goes on where it is in the next configuration, also with other settings; one that is gone begins anew', () => {
  const all = breakers()
  const change = (pools: Record<string, unknown>): Snapshot => {
    const next = snapshotOf(pools)
    finish(all.prepare(next)).commit?.()
    return next
  }
  assert.equal(change({ a: true }).stages.gates.length, 1)
  all.restore(OPEN)
  const kindOf = () => (all.exportState() as Record<string, { kind: string }>)['pool a']?.kind
  assert.equal(kindOf(), 'open')
  change({ a: true })
  assert.equal(kindOf(), 'open')
  change({ a: { errorThresholdPercent: 20 } })
  assert.equal(kindOf(), 'open')
  assert.equal(change({ a: false }).stages.gates.length, 0)
  assert.equal(kindOf(), undefined)
  change({ a: true })
  assert.equal(kindOf(), 'closed')
})
