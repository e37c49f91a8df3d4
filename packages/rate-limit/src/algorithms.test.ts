import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Algorithm, Bucket, fixedWindow, slidingWindow, tokenBucket } from './algorithms.js'

/** Asks for costs at moments, `[ms, cost]`; tells which were admitted. */
function admitted(algorithm: Algorithm, asks: readonly (readonly [now: number, cost: number])[]): boolean[] {
  const bucket = new Bucket()
  return asks.map(([now, cost]) => {
    if (algorithm.wait(bucket, now, cost) > 0) return false
    algorithm.take(bucket, now, cost)
    return true
  })
}

const at = (...moments: number[]) => moments.map((now) => [now, 1] as const)

test('a token bucket admits its burst at once, and then one for each interval', () => {
  const algorithm = tokenBucket(100, 3)
  assert.deepEqual(
    admitted(algorithm, at(1_000, 1_000, 1_000, 1_000, 1_099, 1_100, 1_100, 1_500, 1_500, 1_500, 1_500)),
    [true, true, true, false, false, true, false, true, true, true, false]
  )
  const bucket = new Bucket()
  assert.deepEqual([algorithm.left(bucket, 1_000), algorithm.reset(bucket, 1_000)], [3, 0])
  algorithm.take(bucket, 1_000, 2)
  assert.deepEqual([algorithm.left(bucket, 1_000), algorithm.reset(bucket, 1_000)], [1, 200])
  assert.equal(algorithm.wait(bucket, 1_000, 3), 200)
  assert.equal(algorithm.wait(bucket, 1_000, 4), Number.POSITIVE_INFINITY)
})

test('a fixed window begins anew with the next one, and says how long that is', () => {
  const algorithm = fixedWindow(2, 1_000)
  assert.deepEqual(admitted(algorithm, at(1_900, 1_950, 1_999, 2_000, 2_001, 2_002)), [
    true,
    true,
    false,
    true,
    true,
    false
  ])
  const bucket = new Bucket()
  algorithm.take(bucket, 1_900, 2)
  assert.deepEqual(
    [algorithm.wait(bucket, 1_900, 1), algorithm.left(bucket, 1_900), algorithm.reset(bucket, 1_900)],
    [100, 0, 100]
  )
  assert.deepEqual([algorithm.left(bucket, 2_000), algorithm.reset(bucket, 2_000)], [2, 0])
  assert.equal(algorithm.wait(bucket, 2_000, 3), Number.POSITIVE_INFINITY)
})

test('a sliding window counts the share of the window before that is still in sight', () => {
  const algorithm = slidingWindow(10, 1_000)
  const bucket = new Bucket()
  algorithm.take(bucket, 1_500, 10)
  assert.equal(Math.ceil(algorithm.wait(bucket, 1_999, 1)), 101)
  assert.equal(algorithm.left(bucket, 2_250), 2)
  assert.equal(algorithm.wait(bucket, 2_250, 2), 0)
  assert.equal(Math.round(algorithm.wait(bucket, 2_250, 3)), 50)
  assert.equal(algorithm.left(bucket, 3_000), 10)
  assert.deepEqual(
    [algorithm.reset(bucket, 1_500), algorithm.reset(bucket, 2_250), algorithm.reset(bucket, 3_000)],
    [1_500, 750, 0]
  )
})

const asks = fc.array(
  fc.record({ pause: fc.integer({ min: 0, max: 700 }), cost: fc.integer({ min: 0, max: 4 }) }),
  {
    maxLength: 200
  }
)

for (const [name, algorithm, most] of [
  // What may pass in any second: the burst besides what is refilled in it.
  ['token bucket', tokenBucket(100, 5), 15],
  ['fixed window', fixedWindow(5, 1_000), 10],
  ['sliding window', slidingWindow(5, 1_000), 10]
] as const)
  test(`${name}: whatever comes, no second admits more than it says, and who waits as long as told is admitted`, () => {
    fc.assert(
      fc.property(asks, (requests) => {
        const bucket = new Bucket()
        const passed: [number, number][] = []
        let now = 10_000
        for (const { pause, cost } of requests) {
          now += pause
          const wait = algorithm.wait(bucket, now, cost)
          const left = algorithm.left(bucket, now)
          if (wait > 0) {
            assert.ok(left < cost, `${left} left, but ${cost} has to wait`)
            // Rounded up, as a header would.
            assert.equal(algorithm.wait(bucket, Math.ceil(now + wait), cost), 0)
            continue
          }
          assert.ok(left >= cost)
          algorithm.take(bucket, now, cost)
          passed.push([now, cost])
          const second = passed.filter(([when]) => when > now - 1_000).reduce((sum, [, one]) => sum + one, 0)
          assert.ok(second <= most, `${second} within a second`)
        }
        assert.equal(algorithm.reset(bucket, now + 10_000), 0)
        assert.equal(algorithm.left(bucket, now + 10_000), 5)
      }),
      { seed: 7, numRuns: 300 }
    )
  })

for (const [name, algorithm] of [
  ['token bucket', tokenBucket(100, 5)],
  ['fixed window', fixedWindow(5, 1_000)],
  ['sliding window', slidingWindow(5, 1_000)]
] as const)
  test(`${name}: what is given back can be taken again, also when time has passed`, () => {
    for (const later of [10_300, 10_900, 11_000, 11_400]) {
      const [given, kept] = [new Bucket(), new Bucket()]
      for (const bucket of [given, kept]) algorithm.take(bucket, 10_300, 2)
      algorithm.take(given, 10_300, 3)
      if (later > 10_300) for (const bucket of [given, kept]) algorithm.take(bucket, later, 0)
      algorithm.giveBack(given, 10_300, 3)
      assert.equal(algorithm.left(given, later), algorithm.left(kept, later), `${later}`)
    }
  })
