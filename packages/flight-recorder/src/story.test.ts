import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flight, FlightAttempt } from './flight.js'
import { storyOf } from './story.js'

const ATTEMPT: FlightAttempt = {
  endpoint: 'http://10.0.0.1:8080',
  number: 1,
  startMs: 0.1,
  queueMs: 0,
  connectMs: 0.2,
  firstByteMs: 1,
  totalMs: 2,
  status: 200,
  failure: null,
  error: '',
  hedge: false,
  reused: false,
  reconnected: false,
  cancelled: false
}

const FLIGHT: Flight = {
  requestId: 'r-1',
  method: 'GET',
  path: '/users/7',
  host: 'api.example',
  client: '192.0.2.1',
  startedAt: '2026-01-02T03:04:05.678Z',
  totalMs: 2.5,
  status: 200,
  reason: null,
  detail: '',
  route: 'users',
  pattern: '/users/*',
  policies: [],
  pool: 'users',
  attemptCount: 1,
  attempts: [ATTEMPT],
  notes: [],
  deadlineMs: null,
  fallback: null,
  observed: [],
  bytesReceived: 0,
  bytesSent: 12,
  traceId: null,
  endpoints: null,
  endpointsLeft: 0
}

const linesOf = (changes: Partial<Flight>, facts?: readonly string[]): string[] =>
  storyOf({ ...FLIGHT, ...changes }, facts).split('\n')
const attemptLine = (changes: Partial<FlightAttempt>): string | undefined =>
  linesOf({ attempts: [{ ...ATTEMPT, ...changes }] })[3]

test('a success is told in four lines', () => {
  assert.deepEqual(linesOf({}), [
    'GET /users/7 → 200 after 2.5 ms (request r-1, 2026-01-02T03:04:05.678Z)',
    'From 192.0.2.1 for host api.example: 0 bytes received, 12 bytes sent.',
    'Route users (/users/*) → pool users.',
    '  +0.1 ms attempt 1 at http://10.0.0.1:8080 answered 200 after 2.0 ms (queue 0.0 ms, connect 0.2 ms, first byte 1.0 ms)'
  ])
})

test('the first lines say why, which trace, which policies, and what was not there', () => {
  const lines = linesOf({
    status: 503,
    reason: 'circuit_open',
    traceId: 'abc',
    policies: ['a', 'b'],
    attempts: []
  })
  assert.match(lines[0] ?? '', /→ 503 circuit_open after 2\.5 ms \(request r-1, \S+, trace abc\)$/)
  assert.equal(lines[2], 'Route users (/users/*) → pool users, with a, b.')
  const nowhere = linesOf({ route: null, client: '', host: '', attempts: [], attemptCount: 0 })
  assert.deepEqual(nowhere.slice(1), [
    'From a client without an address for host (none): 0 bytes received, 12 bytes sent.',
    'No route was matched.'
  ])
  assert.equal(linesOf({ pool: null })[2], 'Route users (/users/*) → no pool.')
})

for (const [name, changes, expected] of [
  [
    'that failed',
    { failure: 'upstream_reset', status: null, error: 'other side closed', firstByteMs: null },
    'attempt 1 at http://10.0.0.1:8080 failed: upstream_reset after 2.0 ms (queue 0.0 ms, connect 0.2 ms): other side closed'
  ],
  [
    'that never had a connection',
    { failure: 'pool_queue_timeout', status: null, connectMs: null, firstByteMs: null, queueMs: 2 },
    'attempt 1 at http://10.0.0.1:8080 failed: pool_queue_timeout after 2.0 ms (queue 2.0 ms)'
  ],
  [
    'that was given up',
    { cancelled: true, status: null, firstByteMs: null, hedge: true, number: 2 },
    'attempt 2, a hedge, at http://10.0.0.1:8080 was given up after 2.0 ms (queue 0.0 ms, connect 0.2 ms)'
  ],
  [
    'without an answer',
    { status: null, firstByteMs: null },
    'attempt 1 at http://10.0.0.1:8080 had no answer after 2.0 ms (queue 0.0 ms, connect 0.2 ms)'
  ],
  [
    'on a connection with a past',
    { reused: true, reconnected: true },
    'attempt 1 at http://10.0.0.1:8080 answered 200 after 2.0 ms (queue 0.0 ms, connect 0.2 ms, first byte 1.0 ms, on a connection that was open, sent again as the connection was stale)'
  ]
] as const)
  test(`an attempt ${name}`, () => {
    assert.equal(attemptLine(changes), `  +0.1 ms ${expected}`)
  })

test('attempts and notes stand in order of time', () => {
  const lines = linesOf({
    attemptCount: 20,
    attempts: [ATTEMPT, { ...ATTEMPT, number: 2, startMs: 5 }],
    notes: [
      { atMs: 3, text: 'retry' },
      { atMs: 7, text: 'breaker' }
    ]
  })
  assert.deepEqual(
    lines.slice(3).map((line) => line.trim().split(' ').slice(0, 4).join(' ')),
    ['+0.1 ms attempt 1', '+3.0 ms retry', '+5.0 ms attempt 2', '+7.0 ms breaker', 'and 18 more attempts']
  )
})

test('what else is known follows', () => {
  const lines = linesOf(
    {
      detail: 'other side closed',
      deadlineMs: 3000,
      fallback: 'upstream_reset',
      observed: ['circuit_open', 'overloaded'],
      endpoints: [
        { url: 'http://a', health: 'healthy', weight: 1, draining: false, inFlight: 3 },
        { url: 'http://b', health: 'ejected', weight: 2, draining: true, inFlight: 0 }
      ],
      endpointsLeft: 4
    },
    ['The breaker asked last was half open.', 'Cache: miss.', 'Variant: canary.']
  )
  assert.deepEqual(lines.slice(4), [
    'Behind it: other side closed',
    "The route's fallback answered, for upstream_reset.",
    'The breaker asked last was half open.',
    'Cache: miss.',
    'Variant: canary.',
    'It had to be over within 3000.0 ms.',
    'Only observed, not enforced: circuit_open, overloaded.',
    'Endpoints of pool users then:',
    '  http://a health healthy, weight 1, 3 in flight',
    '  http://b draining, health ejected, weight 2, 0 in flight',
    '  and 4 more'
  ])
  assert.equal(linesOf({ endpoints: [] }).at(-1), 'Pool users had no endpoints then.')
})
