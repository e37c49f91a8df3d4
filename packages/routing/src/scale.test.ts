import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Route } from '@gatewright/core'
import { createRouteTable } from './table.js'

function routeOf(index: number, host: string, path: NonNullable<Route['match']>['path']): Route {
  return {
    id: `${host}${path.value}`,
    source: `routes[${index}]`,
    match: {
      path,
      hosts: [host],
      methods: null,
      headers: [],
      query: [],
      priority: 0,
      caseSensitive: true,
      trailingSlash: 'strict'
    },
    action: { kind: 'forward' },
    pool: null,
    bodyLimit: 0,
    preserveHost: false,
    rewrite: null,
    hooks: null
  } as unknown as Route
}

function checkScale(hosts: number, perHost: number): { ms: number } {
  const routes: Route[] = []
  for (let h = 0; h < hosts; h++)
    for (let p = 0; p < perHost; p++) {
      const kind = p % 2 === 0 ? 'exact' : 'prefix'
      const value = `/v${p % 7}/${p % 3 === 0 ? ':tenant' : 'all'}/service-${p}`
      routes.push(routeOf(routes.length, `h${h}.test`, { kind, value }))
    }
  const problems: string[] = []
  const start = performance.now()
  const table = createRouteTable(routes, problems)
  const ms = performance.now() - start
  assert.deepEqual(problems, [])
  for (const { id, match } of routes) {
    const { value, kind } = (match as NonNullable<Route['match']>).path
    const asked = { method: 'GET', query: '', headers: {}, host: match?.hosts[0] as string }
    const path = value.replace(':tenant', 'acme')
    assert.equal(table.find({ ...asked, path })?.route.id, id)
    assert.equal(table.find({ ...asked, path: `${path}/x` })?.route.id, kind === 'prefix' ? id : undefined)
    assert.equal(table.find({ ...asked, path, host: 'h.test' }), null)
  }
  return { ms }
}

test('10,000 routes on 1,000 hosts are all found', (t) => {
  t.diagnostic(`compiled in ${checkScale(1000, 10).ms.toFixed(0)} ms`)
})

test('10,000 routes on one host are all found', (t) => {
  t.diagnostic(`compiled in ${checkScale(1, 10_000).ms.toFixed(0)} ms`)
})
