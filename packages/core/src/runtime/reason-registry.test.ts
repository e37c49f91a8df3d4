import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REASONS } from '../config/reason.js'
import { Gateway } from './kernel.js'
import { type AddedReason, ReasonRegistry } from './reason-registry.js'

const ROW = { name: 'quota_spent', status: 429, title: 'The quota is spent', blames: 'client' }
const added = (row: object): AddedReason => ({ ...ROW, ...row }) as unknown as AddedReason

test('a reason that a feature adds stands in the table beside those of core', () => {
  const reasons = new ReasonRegistry()
  reasons.add(added({}))
  const table = reasons.table as Readonly<Record<string, unknown>>
  assert.deepEqual(table.quota_spent, ROW)
  assert.deepEqual(table.no_endpoint, REASONS.no_endpoint)
  assert.equal(table.constructor, undefined)
})

for (const [row, message] of [
  [{ name: 'Quota' }, "reason 'Quota' must be lower case, its words joined by _"],
  [{ name: '__proto__' }, "reason '__proto__' must be lower case, its words joined by _"],
  [{ name: undefined }, "reason 'undefined' must be lower case, its words joined by _"],
  [{ name: 'no_endpoint' }, "reason 'no_endpoint' is there already: choose another name"],
  [{ status: 200 }, "reason 'quota_spent' must have a status from 400 to 599"],
  [{ status: '429' }, "reason 'quota_spent' must have a status from 400 to 599"],
  [{ title: '' }, "reason 'quota_spent' must have a title"],
  [{ blames: 'nobody' }, "reason 'quota_spent' must blame 'client', 'gateway' or 'upstream'"]
] as const)
  test(`a reason with ${JSON.stringify(row)} is refused`, () => {
    const reasons = new ReasonRegistry()
    assert.throws(() => reasons.add(added(row)), { code: 'GW_REGISTRATION_INVALID', message })
    assert.deepEqual(Object.keys(reasons.table), Object.keys(REASONS))
  })

test('a reason is added once, and not after the start', () => {
  const gateway = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
  gateway.reasons.add(added({}))
  assert.throws(() => gateway.reasons.add(added({})), {
    message: "reason 'quota_spent' is there already: choose another name"
  })
  const { reasons } = gateway.compile()
  assert.equal((reasons as Readonly<Record<string, { status: number }>>).quota_spent?.status, 429)
  assert.throws(() => gateway.reasons.add(added({ name: 'late' })), {
    message: "reason 'late' comes too late: add it before the app is ready"
  })
})
