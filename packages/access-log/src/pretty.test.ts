import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Endpoint, type Exchange } from '@gatewright/core'
import { fakeAttempt, fakeExchange } from '@gatewright/testing'
import { createAccessLog, lineOf } from './access-log.js'
import { prettyLine } from './pretty.js'
import { type AccessLogSettings, resolveAccessLog } from './settings.js'

function finished(): Exchange {
  const exchange = fakeExchange({ method: 'POST', path: '/users/7', query: 'a=1&key=k' })
  exchange.attempts.push(fakeAttempt(new Endpoint('users', new URL('http://10.0.0.1:8080'), 1)))
  exchange.endedAt = exchange.startedAt + 6
  exchange.status = 503
  return exchange
}

test('a pretty line is one line, coloured only for a terminal', () => {
  const line = lineOf(finished())
  assert.equal(prettyLine(line, false), '  503 POST  /users/7 → http://10.0.0.1:8080 6.0 ms\n')
  assert.ok(prettyLine(line, true).includes('\u001b[31m503'))
})

test('it shows the reason, and the query when asked for', () => {
  const exchange = finished()
  exchange.reason = 'no_endpoint'
  const lines: string[] = []
  const settings = resolveAccessLog({ format: 'pretty', query: true }) as AccessLogSettings
  createAccessLog({ ...settings, destination: { write: () => {} } }, (line) => lines.push(line)).closed(
    exchange
  )
  assert.deepEqual(lines, ['  503 POST  /users/7?a=1&key=*** → http://10.0.0.1:8080 6.0 ms no_endpoint\n'])
})

test('every attempt is shown, with what became of those before the last', () => {
  const exchange = fakeExchange({ path: '/x' })
  const endpoint = (host: string): Endpoint => new Endpoint('users', new URL(`http://${host}`), 1)
  exchange.attempts.push(
    fakeAttempt(endpoint('a'), { failure: 'upstream_connect_failed', status: 0 }),
    fakeAttempt(endpoint('b'), { status: 503 }),
    fakeAttempt(endpoint('c'))
  )
  exchange.endedAt = exchange.startedAt + 6
  exchange.status = 200
  assert.equal(
    prettyLine(lineOf(exchange), false),
    '  200 GET   /x → http://a upstream_connect_failed → http://b 503 → http://c 6.0 ms\n'
  )
})

test('a refused path is in what lies behind the reason, not where a path would be', () => {
  const exchange = fakeExchange({ path: '/' })
  exchange.reason = 'path_rejected'
  exchange.detail = "'/a/../b' must be in canonical form"
  exchange.status = 400
  exchange.endedAt = exchange.startedAt + 1
  assert.equal(
    prettyLine(lineOf(exchange), false),
    "  400 GET   - → - 1.0 ms path_rejected: '/a/../b' must be in canonical form\n"
  )
})

test('long paths and details are cut short', () => {
  const exchange = fakeExchange({ path: `/${'a'.repeat(200)}` })
  assert.ok(prettyLine(lineOf(exchange), false).includes(` /${'a'.repeat(78)}… `))
  exchange.reason = 'upstream_reset'
  exchange.detail = 'b'.repeat(200)
  assert.ok(prettyLine(lineOf(exchange), false).includes(`: ${'b'.repeat(119)}…\n`))
})
