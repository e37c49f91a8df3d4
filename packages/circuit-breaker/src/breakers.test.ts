import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gateway, Snapshot } from '@gatewright/core'
import { Breakers } from './breakers.js'

function breakers(): Breakers {
  let slots = 0
  const gateway = { clock: () => 0, chance: () => 0.5, events: { emit() {} }, claimSlot: () => slots++ }
  return new Breakers(gateway as unknown as Gateway)
}

function snapshotOf(pools: Record<string, unknown>): Snapshot {
  const made = Object.entries(pools).map(([id, circuitBreaker]) => [id, { id, config: { circuitBreaker } }])
  return { pools: new Map(made as never), routes: [], native: new Map() } as unknown as Snapshot
}

const OPEN = { 'pool a': { kind: 'open', sinceMs: 1_000, remainingMs: 5_000, times: 1 } }

test('a breaker whose settings stay goes on where it is in the next snapshot; one with other settings begins anew', () => {
  const all = breakers()
  assert.equal(all.compile(snapshotOf({ a: true })), true)
  all.restore(OPEN)
  const kindOf = () => (all.snapshot() as Record<string, { kind: string }>)['pool a']?.kind
  assert.equal(kindOf(), 'open')
  all.compile(snapshotOf({ a: true }))
  assert.equal(kindOf(), 'open')
  all.compile(snapshotOf({ a: { errorThresholdPercent: 20 } }))
  assert.equal(kindOf(), 'closed')
  assert.equal(all.compile(snapshotOf({ a: false })), false)
  assert.equal(kindOf(), undefined)
})
