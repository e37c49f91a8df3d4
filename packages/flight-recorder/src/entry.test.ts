import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Endpoint, Gateway } from '@gatewright/core'
import { fakeAttempt, fakeExchange } from '@gatewright/testing'
import { AttemptEntry, Entry } from './entry.js'
import { Trail } from './trail.js'

/** Everything reachable from a value, except plain objects, arrays and entries. */
function* strangersIn(value: unknown, path: string): Iterable<string> {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return
  const prototype = Object.getPrototypeOf(value)
  if (![Object.prototype, Array.prototype, Entry.prototype, AttemptEntry.prototype].includes(prototype))
    yield `${path} is a ${prototype?.constructor?.name}`
  else for (const [key, inner] of Object.entries(value as object)) yield* strangersIn(inner, `${path}.${key}`)
}

test('an entry holds text and numbers, and nothing of the exchange itself', () => {
  const config = { pools: { users: { endpoints: ['http://10.0.0.1'] } } }
  const gateway = new Gateway({ config, clock: () => 1, chance: () => 0 })
  gateway.compile()
  const pool = gateway.pool('users')
  const headers = { host: 'a', authorization: 'Bearer secret', cookie: 'secret' }
  const exchange = fakeExchange({ pool, headers, path: '/users', query: 'token=secret' })
  const error = Object.assign(new Error('reset'), { cause: exchange })
  exchange.attempts.push(
    fakeAttempt(pool.endpoints[0] as Endpoint, { failure: 'upstream_reset', error }),
    fakeAttempt(new Endpoint('users', new URL('http://b'), 1), { status: 200 })
  )
  exchange.observe('pool_queue_full')
  const trail = new Trail()
  trail.note(1, 'retry')
  const entry = new Entry()
  entry.fill(exchange, { id: 'r', pattern: '/*', policies: ['a'] }, trail, 1)
  entry.fillEndpoints(pool)
  assert.deepEqual([...strangersIn(entry, 'entry')], [])
  assert.ok(!JSON.stringify(entry).includes('secret'))
})
