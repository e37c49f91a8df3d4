import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkProbes } from './check.js'

const problemsOf = (headers: Record<string, string>): string =>
  [...checkProbes({ headers }, 'pools.a.health')].join()

test('a probe may name another host, but none that is empty or malformed', () => {
  assert.equal(problemsOf({ Host: 'status.test:81' }), '')
  for (const [name, value] of [
    ['Host', ''],
    ['host', 'a b']
  ] as const)
    assert.match(
      problemsOf({ [name]: value }),
      new RegExp(`pools.a.health.headers.${name}: '${value}' must be a host with an optional port`)
    )
})
