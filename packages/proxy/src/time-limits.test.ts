import assert from 'node:assert/strict'
import test from 'node:test'
import { DEFAULT_TIMEOUTS } from '@gatewright/core'
import { overdue, type Progress, shortest } from './time-limits.js'

const timeouts = {
  connectMs: 100,
  tlsHandshakeMs: 50,
  firstByteMs: 200,
  idleMs: 300,
  requestIdleMs: 400,
  totalMs: 0
}

function progress(over: Partial<Progress>): Progress {
  return {
    phase: 'sent',
    phaseAt: 0,
    activeAt: 0,
    timeouts,
    queueTimeoutMs: 70,
    uploading: false,
    upstreamStalled: false,
    clientStalled: false,
    ...over
  }
}

const ROWS: [string, Partial<Progress>, number, string][] = [
  ['waiting for a connection', { phase: 'queued' }, 70, 'pool_queue_timeout'],
  ['connecting, handshake included', { phase: 'connecting' }, 150, 'upstream_connect_timeout'],
  ['waiting for the head', { phase: 'sent' }, 200, 'upstream_timeout'],
  ['the client has stopped sending', { phase: 'sent', uploading: true }, 400, 'request_timeout'],
  [
    'the upstream has stopped reading',
    { phase: 'sent', uploading: true, upstreamStalled: true },
    300,
    'upstream_timeout'
  ],
  ['the upstream has stopped sending', { phase: 'answered' }, 300, 'upstream_idle_timeout'],
  ['the client has stopped reading', { phase: 'answered', clientStalled: true }, 300, 'client_closed']
]

for (const [what, over, limit, reason] of ROWS) {
  test(`${what}: ${reason} at its limit and not before`, () => {
    assert.equal(overdue(limit - 1, progress(over)), null)
    assert.equal(overdue(limit, progress(over)), reason)
  })
}

test('bytes that move put the limits off', () => {
  assert.equal(overdue(590, progress({ phase: 'answered', activeAt: 300 })), null)
})

test('a limit of 0 is none', () => {
  assert.equal(overdue(1e9, progress({ timeouts: { ...timeouts, firstByteMs: 0 } })), null)
})

test('between two attempts nothing is overdue', () => {
  assert.equal(overdue(1e9, progress({ phase: 'waiting' })), null)
})

test('the shortest limit that is set decides how often the time is looked at', () => {
  assert.equal(shortest(DEFAULT_TIMEOUTS, 1_000), 1_000)
  assert.equal(shortest(timeouts, 1_000), 100)
  assert.equal(shortest({ ...timeouts, totalMs: 30 }, 1_000), 30)
})
