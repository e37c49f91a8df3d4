import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Monitoring, panel, type Snapshot } from '@gatewright/core'
import { dashboardOf } from './dashboard.js'
import { type Inventory, inventoryOf } from './inventory.js'
import { rulesOf } from './rules.js'
import { type MetricsSettings, resolveMetrics } from './settings.js'

const SETTINGS = resolveMetrics(true, 'app') as MetricsSettings
const SNAPSHOT = { routes: [], native: new Map(), pools: new Map(), config: {} } as unknown as Snapshot

const bare: Inventory = {
  routes: ['users', 'orders, old'],
  pools: ['users'],
  monitoring: [],
  hasProcess: false,
  objectives: { availability: 0.999, latency: 0.5, latencyShare: 0.99 }
}
const cache: Monitoring = {
  isUsed: () => true,
  alerts: [
    {
      name: 'GatewayCacheFull',
      expr: 'cache_full == 1',
      for: '5m',
      severity: 'ticket',
      summary: 'The cache is full',
      description: 'It evicts what is in use.'
    }
  ],
  panels: [panel('Cache hits', 'percentunit', ['rate(cache_hits_total[$__rate_interval])', 'hits'])]
}
const probes: Monitoring = {
  isUsed: () => true,
  alerts: [],
  panels: [panel('Probes', 'none', ['up', ''])],
  row: 'Pools'
}
const full: Inventory = { ...bare, monitoring: [cache, probes], hasProcess: true }

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
    ['GatewayEventLoopLate', 'GatewayCacheFull']
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

test('panels of features are in the row that they name, and those that are not used are not there', () => {
  const { panels } = dashboardOf(full) as { panels: { title: string }[] }
  const titles = panels.map(({ title }) => title)
  const usual = (dashboardOf(bare) as { panels: { title: string }[] }).panels.map(({ title }) => title)
  assert.deepEqual(titles.filter((title) => !usual.includes(title)).slice(0, 3), [
    'Probes',
    'Policies',
    'Cache hits'
  ])
  const gateway = { snapshot: SNAPSHOT, monitoring: [cache, { ...probes, isUsed: () => false }] }
  assert.deepEqual(inventoryOf(gateway, SETTINGS).monitoring, [cache])
})
