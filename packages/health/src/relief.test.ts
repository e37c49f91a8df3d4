import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints } from '@gatewright/testing'
import { EndpointState } from './endpoint-state.js'
import { relief } from './relief.js'

const SETTINGS = { ejectionMs: 30_000, maxEjectionMs: 300_000 }

/** Endpoints, ejected at these times; those without a time are not. */
function ejected(...at: (number | null)[]) {
  const all = endpoints(at.length)
  const states = all.map(() => new EndpointState())
  for (const [index, when] of at.entries()) {
    if (when === null) continue
    states[index]?.ejection.begin(when, SETTINGS)
    const endpoint = all[index]
    if (endpoint !== undefined) endpoint.health = 'ejected'
  }
  return {
    all,
    states,
    at: (now: number): number => {
      const back = relief(all, (endpoint) => states[all.indexOf(endpoint)] as EndpointState, now)
      return back === null ? -1 : all.indexOf(back)
    }
  }
}

test('the one that has been out for longest is let back, after a second', () => {
  const { at } = ejected(null, 5_000, 4_000, 4_000)
  assert.deepEqual([at(4_999), at(5_000), at(6_000)], [-1, 2, 2])
  assert.equal(ejected(null, null).at(9_000), -1)
})

test('one that is drained, forced down or whose last probe failed is not let back', () => {
  const { all, states, at } = ejected(null, 1_000, 2_000, 3_000, 4_000)
  const [, drained, down, failing] = all
  if (drained !== undefined) drained.draining = true
  if (down !== undefined) down.health = 'unhealthy'
  assert.equal(at(9_000), 3)
  const state = states[3] as EndpointState
  state.probe = { health: 'healthy', streak: 1 }
  assert.equal(failing?.health, 'ejected')
  assert.equal(at(9_000), 4)
  state.probe = { health: 'unhealthy', streak: 0 }
  assert.equal(at(9_000), 4)
  state.probe = { health: 'degraded', streak: 0 }
  assert.equal(at(9_000), 3)
})
