import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import { drawOf, isLogged } from './selection.js'

const NEVER = { share: 0, slowMs: Number.POSITIVE_INFINITY }

function finished(status: number, ms = 5, id = 'a'): Exchange {
  const exchange = fakeExchange({ id })
  exchange.status = status
  exchange.endedAt = exchange.startedAt + ms
  return exchange
}

test('errors are always logged, successes by their share', () => {
  for (const [status, logged] of [
    [200, false],
    [399, false],
    [400, true],
    [404, true],
    [499, true],
    [503, true]
  ] as const)
    assert.equal(isLogged(finished(status), NEVER), logged, String(status))
  assert.ok(isLogged(finished(200), { ...NEVER, share: 1 }))
})

test('a success with a reason is logged: its answer was cut off', () => {
  const exchange = finished(200)
  exchange.reason = 'upstream_reset'
  assert.ok(isLogged(exchange, NEVER))
})

test('slow requests are always logged', () => {
  assert.equal(isLogged(finished(200, 99), { share: 0, slowMs: 100 }), false)
  assert.ok(isLogged(finished(200, 100), { share: 0, slowMs: 100 }))
})

test('the share is drawn by the request id alone, and is met for ids of every kind', () => {
  for (const idOf of [
    (n: number) => `r-${n}`,
    (n: number) => String(n),
    (n: number) => `${n}e58ed763-928c-4155-bee9-fdbaaadc15f3`
  ]) {
    let logged = 0
    for (let n = 0; n < 20_000; n++)
      if (isLogged(finished(200, 5, idOf(n)), { ...NEVER, share: 0.1 })) logged++
    assert.ok(Math.abs(logged - 2_000) < 150, `${logged} of 20000`)
  }
  assert.equal(drawOf('r-1'), drawOf('r-1'))
  // Another character anywhere is another draw.
  for (const other of ['s-1', 'r_1', 'r-2']) assert.notEqual(drawOf(other), drawOf('r-1'), other)
})
