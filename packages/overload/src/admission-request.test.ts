import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdmissionRequest } from './admission-request.js'
import type { ConcurrencyConfig } from './config/config.js'
import { Limiter } from './limiter.js'
import { type LimitSettings, resolveLimit } from './settings.js'

let now = 1_000

function limiterOf(config: ConcurrencyConfig = { max: 1 }): Limiter {
  return new Limiter(
    resolveLimit(config) as LimitSettings,
    () => now,
    () => 0
  )
}

function setUp(own: Limiter | null, shared: Limiter | null, observes = false) {
  const outcomes: [string, Limiter | null][] = []
  const onDecision = (outcome: string, limiter: Limiter | null): boolean => {
    outcomes.push([outcome, limiter])
    return observes
  }
  const request = new AdmissionRequest(own, shared, 'default', onDecision)
  return { request, outcomes, onDecision }
}

/** A request that has begun. */
function begun(own: Limiter | null, shared: Limiter | null, observes = false) {
  const scene = setUp(own, shared, observes)
  scene.request.begin()
  return scene
}

const counts = (...limiters: Limiter[]) => limiters.map(({ running, waiting }) => [running, waiting])

test('a request without a limit is admitted at once', () => {
  const { request, outcomes } = begun(null, null)
  assert.deepEqual([outcomes, request.waits], [[['in', null]], false])
})

test("a request takes a place of its route's limit and one of its pool's, and gives both back", () => {
  const [own, shared] = [limiterOf(), limiterOf()]
  const { request, outcomes } = begun(own, shared)
  assert.deepEqual(
    [outcomes, counts(own, shared)],
    [
      [['in', null]],
      [
        [1, 0],
        [1, 0]
      ]
    ]
  )
  request.end()
  request.end()
  assert.deepEqual(counts(own, shared), [
    [0, 0],
    [0, 0]
  ])
})

test('refused by the second limit, a request gives the place of the first one back', () => {
  const [own, shared] = [limiterOf({ max: 9 }), limiterOf()]
  begun(null, shared)
  const { outcomes } = begun(own, shared)
  assert.deepEqual(
    [outcomes, counts(own, shared)],
    [
      [['full', shared]],
      [
        [0, 0],
        [1, 0]
      ]
    ]
  )
})

test('what waits is asked for the next limit when its turn comes, and is admitted after the last', () => {
  const [own, shared] = [limiterOf({ max: 1, maxQueue: 1 }), limiterOf({ max: 1, maxQueue: 1 })]
  const first = begun(own, null)
  const other = begun(null, shared)
  const { request, outcomes } = begun(own, shared)
  assert.deepEqual(
    [request.waits, counts(own, shared)],
    [
      true,
      [
        [1, 1],
        [1, 0]
      ]
    ]
  )
  first.request.end()
  assert.deepEqual(
    [outcomes, request.waits, counts(own, shared)],
    [
      [],
      true,
      [
        [1, 0],
        [1, 1]
      ]
    ]
  )
  other.request.end()
  assert.deepEqual(
    [outcomes, request.waits, counts(own, shared)],
    [
      [['in', null]],
      false,
      [
        [1, 0],
        [1, 0]
      ]
    ]
  )
})

test('what has waited too long is refused, and holds nothing any more', () => {
  const [own, shared] = [limiterOf({ max: 9 }), limiterOf({ max: 1, maxQueue: 1, queueTimeout: '1s' })]
  begun(null, shared)
  const { outcomes } = begun(own, shared)
  now += 1_000
  shared.expire()
  assert.deepEqual(
    [outcomes, counts(own, shared)],
    [
      [['timeout', shared]],
      [
        [0, 0],
        [1, 0]
      ]
    ]
  )
})

test('a limit that only observes is entered although it is full, and left as any other', () => {
  const [own, shared] = [limiterOf(), limiterOf()]
  begun(own, shared)
  const { request, outcomes } = begun(own, shared, true)
  assert.deepEqual(outcomes, [
    ['full', own],
    ['full', shared],
    ['in', null]
  ])
  assert.deepEqual(counts(own, shared), [
    [2, 0],
    [2, 0]
  ])
  request.end()
  assert.deepEqual(counts(own, shared), [
    [1, 0],
    [1, 0]
  ])
})

test('a limit that only observes is entered after the wait that it has an end to', () => {
  const shared = limiterOf({ max: 1, maxQueue: 1, queueTimeout: '1s' })
  begun(null, shared)
  const { outcomes } = begun(null, shared, true)
  now += 1_000
  shared.expire()
  assert.deepEqual(
    [outcomes, counts(shared)],
    [
      [
        ['timeout', shared],
        ['in', null]
      ],
      [[2, 0]]
    ]
  )
})

test('a request that is given up while it waits leaves the queue and what it has entered', () => {
  const [own, shared] = [limiterOf({ max: 9 }), limiterOf({ max: 1, maxQueue: 1 })]
  const first = begun(null, shared)
  const { request, outcomes } = begun(own, shared)
  request.end()
  assert.deepEqual(counts(own, shared), [
    [0, 0],
    [1, 0]
  ])
  first.request.end()
  assert.deepEqual(
    [outcomes, counts(own, shared)],
    [
      [],
      [
        [0, 0],
        [0, 0]
      ]
    ]
  )
})

test('a request that goes on to another pool gives the place at the first one back, and keeps that of its route', () => {
  const [own, from, to] = [limiterOf(), limiterOf(), limiterOf()]
  const { request, outcomes, onDecision } = begun(own, from)
  request.moveTo(to, onDecision)
  assert.deepEqual(outcomes, [
    ['in', null],
    ['in', null]
  ])
  assert.deepEqual(counts(own, from, to), [
    [1, 0],
    [0, 0],
    [1, 0]
  ])
  request.moveTo(to, onDecision)
  assert.deepEqual(counts(own, from, to), [
    [1, 0],
    [0, 0],
    [1, 0]
  ])
  assert.equal(outcomes.length, 3)
})

test('whoever is notified of the decision of the second pool is not the one of the first', () => {
  const [from, to] = [limiterOf(), limiterOf()]
  begun(null, to)
  const { request, outcomes } = begun(null, from)
  const moved: string[] = []
  request.moveTo(to, (outcome) => {
    moved.push(outcome)
    return false
  })
  assert.deepEqual(
    [outcomes, moved, counts(from, to)],
    [
      [['in', null]],
      ['full'],
      [
        [0, 0],
        [1, 0]
      ]
    ]
  )
})

test('a request that has ended goes to no other pool, and takes no place there', () => {
  const [from, to] = [limiterOf(), limiterOf()]
  const { request, outcomes, onDecision } = begun(null, from)
  request.end()
  request.moveTo(to, onDecision)
  assert.deepEqual(
    [outcomes.length, counts(from, to)],
    [
      1,
      [
        [0, 0],
        [0, 0]
      ]
    ]
  )
})

test('a response that has begun is noted with each limit once, and no more when the request has ended', () => {
  const [own, shared] = [limiterOf(), limiterOf()]
  const noted: [string, number][] = []
  own.answered = (ms) => void noted.push(['own', ms])
  shared.answered = (ms) => void noted.push(['shared', ms])
  const { request } = begun(own, shared)
  request.answered(7)
  request.answered(8)
  assert.deepEqual(
    [noted, request.answering],
    [
      [
        ['shared', 7],
        ['own', 7]
      ],
      true
    ]
  )
  const ended = begun(null, null).request
  ended.end()
  ended.answered(9)
  assert.equal(ended.answering, false)
})

test('a response is noted with the limits that the request has entered only', () => {
  const [own, shared] = [limiterOf(), limiterOf({ max: 1, maxQueue: 1 })]
  const noted: string[] = []
  own.answered = () => void noted.push('own')
  shared.answered = () => void noted.push('shared')
  begun(null, shared)
  begun(own, shared).request.answered(7)
  assert.deepEqual(noted, ['own'])
})
