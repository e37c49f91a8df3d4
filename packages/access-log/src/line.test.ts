import assert from 'node:assert/strict'
import test from 'node:test'
import { Endpoint, type Exchange, GatewayError } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import { createAccessLog } from './access-log.js'
import { lineOf } from './line.js'
import { prettyLine } from './pretty.js'

function finished(): Exchange {
  const exchange = fakeExchange({ method: 'POST', path: '/users/7', headers: { host: 'a.example' } })
  exchange.attempts.push({
    endpoint: new Endpoint('users', new URL('http://10.0.0.1:8080'), 1),
    number: 1,
    startedAt: exchange.startedAt + 1,
    dispatchedAt: exchange.startedAt + 1,
    sentAt: exchange.startedAt + 1,
    headAt: exchange.startedAt + 3,
    endedAt: exchange.startedAt + 5,
    status: 503,
    sent: true,
    reused: false,
    reconnected: false,
    failure: null,
    error: null,
    cancelled: false,
    retryAfter: ''
  })
  exchange.endedAt = exchange.startedAt + 6
  exchange.status = 503
  return exchange
}

test('a line has the fields of the access log', () => {
  const line = lineOf(finished())
  assert.equal(line.method, 'POST')
  assert.equal(line.path, '/users/7')
  assert.equal(line.host, 'a.example')
  assert.equal(line.endpoint, 'http://10.0.0.1:8080')
  assert.equal(line.status, 503)
  assert.equal(line.duration_ms, 6)
  assert.equal(line.upstream_duration_ms, 4)
  assert.equal(line.retries, 0)
  assert.equal(line.reason, null)
  assert.equal('detail' in line, false)
})

test('a line says why the gateway answered itself, with what lies behind it', () => {
  const exchange = finished()
  const error = new GatewayError('upstream_reset', { detail: 'http://10.0.0.1:8080: other side closed' })
  exchange.reason = error.reason
  exchange.detail = error.detail
  const line = lineOf(exchange)
  assert.equal(line.reason, 'upstream_reset')
  assert.equal(line.detail, error.detail)
})

test('a pretty line is one line, coloured only for a terminal', () => {
  const line = lineOf(finished())
  const plain = prettyLine(line, false)
  assert.equal(plain, '  503 POST  /users/7 → http://10.0.0.1:8080 6.0 ms\n')
  assert.ok(prettyLine(line, true).includes('\u001b[31m503'))
})

test('a JSON line goes to the destination, with its time and level', () => {
  const lines: string[] = []
  const log = createAccessLog({ destination: { write: (line) => lines.push(line) } })
  log?.closed(finished())
  const [line = ''] = lines
  const { timestamp, level, path } = JSON.parse(line)
  assert.ok(!Number.isNaN(Date.parse(timestamp)))
  assert.deepEqual([level, path], ['info', '/users/7'])
})

test('there is no log when none is wanted', () => {
  assert.equal(createAccessLog(false), null)
})
