import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_TIMEOUTS, resolvePaths, resolvePool, resolveTimeouts, type Timeouts } from './settings.js'

const KEYS = {
  connect: 'connectMs',
  tlsHandshake: 'tlsHandshakeMs',
  firstByte: 'firstByteMs',
  idle: 'idleMs',
  requestIdle: 'requestIdleMs',
  total: 'totalMs'
} as const satisfies Record<string, keyof Timeouts>

for (const [key, resolved] of Object.entries(KEYS))
  test(`the time limit ${key} is in milliseconds and leaves the others alone`, () => {
    assert.deepEqual(resolveTimeouts(DEFAULT_TIMEOUTS, { [key]: '1.5s' }), {
      ...DEFAULT_TIMEOUTS,
      [resolved]: 1_500
    })
    assert.equal(resolveTimeouts(DEFAULT_TIMEOUTS, { [key]: '0ms' })[resolved], 0)
  })

test('without time limits those of the base hold', () => {
  assert.deepEqual(resolveTimeouts(DEFAULT_TIMEOUTS, undefined), DEFAULT_TIMEOUTS)
  assert.deepEqual(resolveTimeouts(DEFAULT_TIMEOUTS, {}), DEFAULT_TIMEOUTS)
})

test('a pool has the documented defaults, and verifies TLS', () => {
  assert.deepEqual(resolvePool({ endpoints: [] }), {
    timeouts: {
      connectMs: 5_000,
      tlsHandshakeMs: 5_000,
      firstByteMs: 30_000,
      idleMs: 60_000,
      perTryMs: 0,
      requestIdleMs: 30_000,
      totalMs: 0
    },
    connections: {
      max: 1_024,
      perClient: 0,
      keepAliveMs: 4_000,
      maxQueue: 1_024,
      queueTimeoutMs: 1_000,
      minRate: 1_024,
      maxRequests: 0
    },
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true }
  })
})

test('a pool has what its configuration says', () => {
  const { connections, tls, timeouts } = resolvePool({
    endpoints: [],
    timeouts: { idle: '1m' },
    connections: { max: 1, keepAlive: '2s', maxQueue: 0, queueTimeout: '5ms', minRate: '0B', maxRequests: 9 },
    tls: { ca: ['x'], cert: 'c', key: 'k', servername: 'h', minVersion: 'TLSv1.3' }
  })
  assert.equal(timeouts.idleMs, 60_000)
  assert.deepEqual(connections, {
    max: 1,
    perClient: 0,
    keepAliveMs: 2_000,
    maxQueue: 0,
    queueTimeoutMs: 5,
    minRate: 0,
    maxRequests: 9
  })
  assert.deepEqual(tls, {
    ca: ['x'],
    cert: 'c',
    key: 'k',
    servername: 'h',
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true
  })
})

test('verification is off only where a reason says why, and the reason is no TLS option', () => {
  assert.deepEqual(resolvePool({ endpoints: [], tls: { insecureBecause: 'a lab network' } }).tls, {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false
  })
})

test('paths are read strictly unless said otherwise', () => {
  const strict = { policy: 'reject', encodedSlashes: 'reject', duplicateSlashes: 'reject' }
  assert.deepEqual(resolvePaths({}), strict)
  assert.deepEqual(resolvePaths({ paths: {} }), strict)
  assert.deepEqual(resolvePaths({ paths: { policy: 'normalize', duplicateSlashes: 'keep' } }), {
    policy: 'normalize',
    encodedSlashes: 'reject',
    duplicateSlashes: 'keep'
  })
})
