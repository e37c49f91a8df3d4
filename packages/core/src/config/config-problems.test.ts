import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elsewhere, invalidConfig } from './config-problems.js'

test('ten thousand problems are the first hundred and a number', () => {
  const { message } = invalidConfig(Array.from({ length: 10_000 }, (_, n) => `routes[${n}]: is wrong`))
  const lines = message.split('\n').slice(1)
  assert.equal(lines.length, 101)
  assert.equal(lines[0], '  - routes[0]: is wrong')
  assert.equal(lines[100], '  - and 9900 more')
})

test('a problem is one line, however long the value in it and whatever lines it has', () => {
  const { message } = invalidConfig([`routes[0].path: '/a\n  - all is well${'x'.repeat(10_000)}' is wrong`])
  assert.equal(message.split('\n').length, 2)
  assert.ok(message.length < 900)
})

for (const [shape, meaning] of [
  ['trustedProxies: must be a list', 'trustedProxies[0]: is wrong'],
  ['pools: must be an object', 'pools.0: is wrong'],
  ['pools.a: must be an object', 'pools.a.endpoints[0]: is wrong'],
  ['routes[1].path: must be a string', 'routes[1].pool: is wrong'],
  ['via: must be a string', 'via: is wrong'],
  ['pools: a list must be an object', "routes[0].pool: there is no pool 'a'; valid: '0'"],
  ['policies: a list must be an object', "routes[0].use: there is no policy 'a'; valid: '0'"]
] as const)
  test(`of what has the wrong shape, nothing else is said: ${shape}`, () => {
    assert.deepEqual([...elsewhere([shape], [meaning, 'metrics.b: is wrong'])], ['metrics.b: is wrong'])
  })

test('of what stands beside the wrong shape, everything is said', () => {
  const meaning = ['routes[2].pool: is wrong', 'pools.b: is wrong', 'pools: is wrong']
  assert.deepEqual([...elsewhere(['routes[1].path: x', 'pools.a: x'], meaning)], meaning)
})
