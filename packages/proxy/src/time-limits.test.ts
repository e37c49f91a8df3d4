import assert from 'node:assert/strict'
import test from 'node:test'
import { DEFAULT_TIMEOUTS } from '@gatewright/core'
import { nextLimit, type Progress, shortest } from './time-limits.js'

const timeouts = {
  connectMs: 100,
  tlsHandshakeMs: 50,
  firstByteMs: 200,
  idleMs: 300,
  requestIdleMs: 400,
  perTryMs: 0,
  totalMs: 0
}

function progress(over: Partial<Progress>): Progress {
  return {
    phase: 'sent',
    phaseAt: 0,
    attemptAt: 0,
    activeAt: 0,
    deadlineAt: 0,
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

for (const [what, over, at, reason] of ROWS)
  test(`${what}: ${reason}`, () => {
    assert.deepEqual(nextLimit(progress(over)), { at, reason })
  })

test('bytes that move put the limit off', () => {
  assert.equal(nextLimit(progress({ phase: 'answered', activeAt: 300 })).at, 600)
})

test('the deadline counts in every phase, when it comes first', () => {
  assert.deepEqual(nextLimit(progress({ deadlineAt: 120 })), { at: 120, reason: 'deadline_exceeded' })
  assert.equal(nextLimit(progress({ deadlineAt: 220 })).reason, 'upstream_timeout')
})

test('a limit of 0 is none', () => {
  assert.equal(nextLimit(progress({ timeouts: { ...timeouts, firstByteMs: 0 } })).at, Infinity)
  assert.equal(
    nextLimit(progress({ phase: 'connecting', timeouts: { ...timeouts, connectMs: 0 } })).at,
    Infinity
  )
})

test('between two attempts nothing is overdue', () => {
  assert.equal(nextLimit(progress({ phase: 'waiting' })).at, Infinity)
})

test('the shortest limit that is set decides how often the time is looked at', () => {
  assert.equal(shortest(DEFAULT_TIMEOUTS, 1_000), 1_000)
  assert.equal(shortest(timeouts, 1_000), 100)
  assert.equal(shortest({ ...timeouts, totalMs: 30 }, 1_000), 30)
  assert.equal(shortest(timeouts, 0), 100)
})
