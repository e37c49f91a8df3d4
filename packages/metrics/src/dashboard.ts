import type { Panel } from '@gatewright/core'
import type { Inventory } from './inventory.js'
import { rowsOf } from './panels.js'

const WIDTH = 8
const HEIGHT = 8
const PER_LINE = 3

/** A dashboard for Grafana 9 and above, for a gateway with this inventory. Import it as JSON. */
export function dashboardOf(inventory: Inventory): object {
  const panels: object[] = []
  let y = 0
  for (const { title, panels: own } of rowsOf(inventory)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: []
    })
    y++
    for (const [index, panel] of own.entries())
      panels.push(
        shown(panel, panels.length + 1, (index % PER_LINE) * WIDTH, y + Math.floor(index / PER_LINE) * HEIGHT)
      )
    y += Math.ceil(own.length / PER_LINE) * HEIGHT
  }
  return {
    uid: 'gatewright',
    title: 'Gatewright',
    tags: ['gatewright'],
    schemaVersion: 38,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        variable('route', inventory.routes),
        variable('pool', inventory.pools)
      ]
    },
    panels
  }
}

function variable(name: string, values: readonly string[]): object {
  return {
    name,
    type: 'custom',
    label: name,
    multi: true,
    includeAll: true,
    allValue: '.*',
    query: values.map((value) => value.replaceAll(',', '\\,')).join(','),
    current: { text: ['All'], value: ['$__all'] }
  }
}

function shown({ title, unit, targets }: Panel, id: number, x: number, y: number): object {
  return {
    id,
    type: 'timeseries',
    title,
    datasource: { type: 'prometheus', uid: '$datasource' },
    gridPos: { x, y, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: targets.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat: legend
    }))
  }
}
