import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dashboardOf } from './dashboard.js'
import type { Inventory } from './inventory.js'
import { rulesOf } from './rules.js'

const bare: Inventory = {
  routes: ['users', 'orders, old'],
  pools: ['users'],
  hasBreakers: false,
  hasRetries: false,
  hasLimits: false,
  hasDiscovery: false,
  hasTls: false,
  hasAccessLog: false,
  hasProcess: false,
  objectives: { availability: 0.999, latency: 0.5, latencyShare: 0.99 }
}
const full: Inventory = {
  ...bare,
  hasBreakers: true,
  hasRetries: true,
  hasLimits: true,
  hasDiscovery: true,
  hasTls: true,
  hasAccessLog: true,
  hasProcess: true
}

function alerts(inventory: Inventory): string[] {
  return rulesOf(inventory).groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []))
  )
}

test('there are alerts for what the configuration has, and no others', () => {
  assert.deepEqual(alerts(bare), [
    'GatewayAvailabilityBurnFast',
    'GatewayAvailabilityBurnSteady',
    'GatewayAvailabilityBurnSlow',
    'GatewayLatencyBurnFast',
    'GatewayLatencyBurnSteady',
    'GatewayLatencyBurnSlow',
    'GatewayAbsent',
    'GatewayInstanceDown',
    'GatewayInstancesGone',
    'GatewayPoolDown',
    'GatewayEndpointsDown',
    'GatewayConnectionsQueue'
  ])
  assert.deepEqual(
    alerts(full).filter((name) => !alerts(bare).includes(name)),
    [
      'GatewayLimitNearlyReached',
      'GatewayEventLoopLate',
      'GatewayBreakerOpen',
      'GatewayRouteBreakerOpen',
      'GatewayRetryBudgetSpent',
      'GatewayDiscoveryFails',
      'GatewayLogLinesDropped',
      'GatewayCertificateEndsSoon',
      'GatewayCertificateEndsVerySoon'
    ]
  )
})

test('the thresholds follow the objectives', () => {
  const { groups } = rulesOf({ ...bare, objectives: { availability: 0.99, latency: 1, latencyShare: 0.95 } })
  const text = JSON.stringify(groups)
  assert.ok(
    text.includes('proxy:availability:error_ratio_1h > 0.144 and proxy:availability:error_ratio_5m > 0.144')
  )
  assert.ok(text.includes('proxy:latency:error_ratio_6h > 0.3 and proxy:latency:error_ratio_30m > 0.3'))
  // Both ways in which versions of Prometheus write a whole bound.
  assert.ok(text.includes('le=~\\"1|1[.]0\\"'))
})

test('an alert that could never fire is not made', () => {
  const objectives = { availability: 0.9, latency: 0.5, latencyShare: 0.8 }
  const made = alerts({ ...bare, objectives }).filter((name) => name.includes('Burn'))
  assert.deepEqual(made, [
    'GatewayAvailabilityBurnSteady',
    'GatewayAvailabilityBurnSlow',
    'GatewayLatencyBurnSlow'
  ])
})

test('the dashboard has no panel without a query, none over another, and rows for what there is', () => {
  const { panels, templating } = dashboardOf(full) as {
    panels: {
      id: number
      type: string
      title: string
      gridPos: Record<'x' | 'y' | 'w' | 'h', number>
      targets?: { expr: string }[]
    }[]
    templating: { list: { name: string; query: string }[] }
  }
  const cells = new Set<string>()
  for (const { type, gridPos, targets = [] } of panels) {
    assert.equal(targets.length === 0, type === 'row')
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!cells.has(`${x} ${y}`) && x < 24)
        cells.add(`${x} ${y}`)
      }
  }
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const rows = (inventory: Inventory): string[] =>
    (dashboardOf(inventory) as { panels: typeof panels }).panels.flatMap(({ type, title }) =>
      type === 'row' ? [title] : []
    )
  assert.deepEqual(rows(bare), ['Requests', 'Objectives', 'Pools'])
  assert.deepEqual(rows(full), ['Requests', 'Objectives', 'Pools', 'Policies', 'Process'])
  assert.equal(templating.list.find(({ name }) => name === 'route')?.query, 'users,orders\\, old')
})

test('each policy that there is has its panels, and none that there is not', () => {
  const titles = (has: Partial<Inventory>): string[] =>
    (dashboardOf({ ...bare, ...has }) as { panels: { title: string }[] }).panels.map(({ title }) => title)
  const usual = new Set(titles({}))
  const added = (has: Partial<Inventory>): string[] => titles(has).filter((title) => !usual.has(title))
  assert.deepEqual(added({ hasBreakers: true }), ['Policies', 'Breakers open'])
  assert.deepEqual(added({ hasRetries: true }), ['Policies', 'Retries', 'Hedges', 'Retry budget'])
  assert.deepEqual(added({ hasLimits: true }), ['Policies', 'Concurrency'])
  assert.deepEqual(added({ hasDiscovery: true }), [])
})
