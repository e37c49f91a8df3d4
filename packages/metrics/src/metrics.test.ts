import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exposer } from './exposition.js'
import type { Inventory } from './inventory.js'
import { Metrics } from './metrics.js'

const SETTINGS = { path: '/metrics', listener: 'app', requireToken: false } as const

test('metrics that cannot be read are answered 500 without the cause, which is reported', async () => {
  const fault = new Error('secret of the inside')
  const reported: unknown[] = []
  const throws = (): never => {
    throw fault
  }
  const metrics = new Metrics((error) => void reported.push(error))
  const exposer = new Exposer(throws, false, () => {})
  metrics.use({ settings: SETTINGS, exposer, inventory: throws as () => Inventory, token: '' })
  for (const path of ['/metrics', '/metrics/rules.yml', '/metrics/dashboard.json']) {
    const { status, body } = await metrics.answer(path, {})
    assert.equal(status, 500, path)
    assert.ok(!body.includes('secret'), path)
  }
  assert.deepEqual(reported, [fault, fault, fault])
})
