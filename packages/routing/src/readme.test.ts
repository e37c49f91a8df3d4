import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { core, Gateway, type RouteConfig } from '@gatewright/core'
import Fastify from 'fastify'
import { routing } from './plugin.js'
import { createRouteTable } from './table.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the example of the README answers', async (t) => {
  const [, config] = /config: (\{.*\})\n/.exec(readme) as unknown as [string, string]
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: new Function(`return ${config}`)() })
  await app.register(routing)
  assert.deepEqual((await app.inject('/hello/you')).json(), { name: 'you' })
  assert.equal((await app.inject('/x')).headers.location, 'http://localhost/hello/you')
})

const [, routes = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? []
const gateway = new Gateway({
  config: { routes: (JSON.parse(routes) as RouteConfig[]).map((route) => ({ ...route, respond: {} })) },
  clock: () => 0,
  chance: () => 0
})
gateway.router = createRouteTable
gateway.compile()

const rows = [
  ...readme.matchAll(/^\| `([A-Z]+) ([\w.]*)(\/[^`]*)`(?: with `([\w-]+): (\w+)`)? \| `?(\w+)`? \|/gm)
]

test('the README has a table of requests', () => assert.equal(rows.length, 12))

for (const [, method = '', host = '', path = '', name, value, expected] of rows)
  test(`the README is right about ${method} ${host}${path}${name === undefined ? '' : ` with ${name}`}`, () => {
    const headers = { host, ...(name === undefined ? {} : { [name]: value as string }) }
    const { route, status } = gateway.explain({ method, url: path, headers })
    assert.equal(route ?? String(status), expected)
  })
