import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { LintConfig } from '@gatewright/core'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { lintChanges } from '../plugin.js'

const pools = { app: { endpoints: ['http://10.0.0.1:3000', 'http://10.0.0.2:3000'] } }
const all = { id: 'all', path: '/*', pool: 'app' } as const
const risky = { id: 'risky', path: '/risky', pool: 'app', retry: { budgetPercent: 100 } } as const
const unused = { ...pools, old: { endpoints: ['http://10.0.0.9:3000'] } }

const config = (more: GatewayServerConfig, lint: LintConfig = { failOn: 'error' }): GatewayServerConfig => ({
  pools,
  routes: [all],
  ...more,
  lint,
  logger: false,
  accessLog: false
})

async function running(t: TestContext, first: GatewayServerConfig): Promise<GatewayBuilder> {
  const gateway = (createGateway(first) as GatewayBuilder).register(lintChanges)
  t.after(() => gateway.close())
  await gateway.ready()
  return gateway
}

test('a change that brings a finding is refused with its place, its rule and its fix, and what ran goes on', async (t) => {
  const gateway = await running(t, config({}))
  await assert.rejects(gateway.apply(config({ routes: [all, risky] })), {
    code: 'GW_CONFIG_INVALID',
    message: /routes\[1\]\.retry\.budgetPercent: .* \(retry\.no-budget\)\. Leave /
  })
  assert.equal(gateway.history.length, 1)
  await gateway.apply(config({ routes: [all, { ...risky, retry: {} }] }))
  assert.equal(gateway.history.length, 2)
})

test('a finding that the running configuration has is no reason to refuse another change, wherever its route moves', async (t) => {
  const gateway = await running(t, config({ routes: [all, risky] }))
  await gateway.apply(config({ routes: [risky, all, { id: 'more', path: '/more', pool: 'app' }] }))
  assert.equal(gateway.history.length, 2)
})

test('what is refused goes by the severity that the next configuration says, and by its waivers', async (t) => {
  const gateway = await running(t, config({}))
  await gateway.apply(config({ pools: unused }))
  await gateway.apply(config({}))
  await assert.rejects(gateway.apply(config({ pools: unused }, { failOn: 'warning' })), /pools\.unreachable/)
  await gateway.apply(config({ pools: unused }, { failOn: 'never' }))
  const waivers = [{ id: 'retry.no-budget', path: 'routes.risky', reason: 'a pilot', expires: '2999-01-01' }]
  await gateway.apply(config({ routes: [all, risky] }, { failOn: 'error', waivers }))
})

test('a change that breaks an invariant is refused, and one that adds an invariant which does not hold', async (t) => {
  const gateway = await running(t, config({}))
  const invariants = [{ name: 'limited', require: { rateLimit: true } }]
  await assert.rejects(gateway.apply(config({}, { failOn: 'error', invariants })), {
    message: /routes\[0\]: limited: route 'all' has no rate limit \(invariant\)/
  })
})

test('a start is not refused by findings', async (t) => {
  const gateway = await running(t, config({ routes: [risky] }))
  assert.equal(gateway.history.length, 1)
})

test('lint.failOn without the plugin stops the start: it would do nothing', async (t) => {
  const gateway = createGateway(config({}))
  t.after(() => gateway.close())
  await assert.rejects(gateway.ready(), /lint\.failOn: needs the plugin '@gatewright\/lint'/)
  const idle = createGateway(config({}, { failOn: 'never' }))
  t.after(() => idle.close())
  await idle.ready()
})
