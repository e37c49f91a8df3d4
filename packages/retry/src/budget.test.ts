import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RetryBudget } from './budget.js'

test('a tenth of the successes of the last ten seconds may be retried', () => {
  const budget = new RetryBudget(0.1, 0)
  assert.equal(budget.spend(0), false)
  for (let n = 0; n < 25; n++) budget.deposit(100)
  assert.deepEqual(
    [1, 2, 3].map(() => budget.spend(200)),
    [true, true, false]
  )
  assert.equal(budget.available(9_999), 0)
  // Successes and what was spent of them are forgotten together.
  assert.equal(budget.available(10_000), 0)
  for (let n = 0; n < 10; n++) budget.deposit(10_100)
  assert.equal(budget.spend(10_200), true)
})

test('a few a second are allowed without any success', () => {
  const budget = new RetryBudget(0.1, 2)
  const spent = [0, 10, 999, 1_000, 1_001, 1_002].map((now) => budget.spend(now))
  assert.deepEqual(spent, [true, true, false, true, true, false])
})

test('the floor comes besides the share', () => {
  const budget = new RetryBudget(0.1, 2)
  for (let n = 0; n < 30; n++) budget.deposit(0)
  assert.equal(budget.available(500), 5)
  const spent = [1, 2, 3, 4, 5, 6].map(() => budget.spend(500))
  assert.deepEqual(spent, [true, true, true, true, true, false])
  assert.equal(budget.available(1_000), 2)
})

test('a burst goes on as long as it helps: attempts that fail again leave a tenth of each second', () => {
  const steady = (): RetryBudget => {
    const budget = new RetryBudget(0.1, 0)
    for (let ms = 0; ms < 10_000; ms += 5) budget.deposit(ms)
    return budget
  }
  const helps = steady()
  let spent = 0
  while (helps.spend(9_500)) spent++
  assert.equal(spent, 60)
  const vain = steady()
  spent = 0
  while (vain.spend(9_500)) {
    spent++
    vain.wasted(9_500)
  }
  assert.equal(spent, 20)
  spent = 0
  while (vain.spend(10_500)) spent++
  assert.ok(spent >= 17 && spent <= 20, String(spent))
  while (vain.spend(12_500)) spent++
  assert.ok(spent >= 60, String(spent))
})

test('in no ten seconds is more spent than share and floor together', () => {
  const step = fc.record({ ms: fc.nat(700), what: fc.constantFrom('success', 'spend', 'waste') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.nat(3), (steps, perSecond) => {
      const budget = new RetryBudget(0.2, perSecond)
      const successes: number[] = []
      const spent: number[] = []
      let now = 0
      for (const { ms, what } of steps) {
        now += ms
        if (what === 'success') {
          budget.deposit(now)
          successes.push(now)
        } else if (what === 'waste') budget.wasted(now)
        else if (budget.spend(now)) spent.push(now)
        const second = Math.floor(now / 1_000)
        const within = (at: number): boolean => Math.floor(at / 1_000) > second - 10
        const most = Math.floor(successes.length * 0.2) + perSecond * 10
        assert.ok(spent.filter(within).length <= most)
        const thisSecond = spent.filter((at) => Math.floor(at / 1_000) === second).length
        assert.ok(thisSecond <= perSecond + Math.floor(successes.filter(within).length * 0.2))
        if (thisSecond < perSecond) assert.ok(budget.available(now) >= 1)
      }
    })
  )
})

test('what is left of the floor is counted, down to nothing', () => {
  const budget = new RetryBudget(0, 2)
  const left = [0, 0, 0].map((now) => {
    const available = budget.available(now)
    budget.spend(now)
    return available
  })
  assert.deepEqual(left, [2, 1, 0])
})

test('a burst is ten in a second at least, and each attempt in vain takes two of them', () => {
  for (const [wasted, most] of [
    [0, 10],
    [1, 8],
    [3, 4],
    [9, 3]
  ] as const) {
    const budget = new RetryBudget(1, 0)
    for (let n = 0; n < 30; n++) budget.deposit(0)
    for (let n = 0; n < wasted; n++) budget.wasted(0)
    assert.equal(budget.available(0), most, String(wasted))
  }
})

test('what was in vain counts for its own second and the next one', () => {
  const budget = new RetryBudget(1, 0)
  for (let n = 0; n < 30; n++) budget.deposit(0)
  for (let n = 0; n < 9; n++) budget.wasted(3_500)
  assert.deepEqual(
    [3_999, 4_999, 5_000].map((now) => budget.available(now)),
    [3, 3, 10]
  )
})

test('after ten seconds a success is forgotten, however the time between has gone by', () => {
  for (const [at, looks] of [
    [1_000, [2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_999, 11_000]],
    [1_000, [10_999, 11_000]],
    [3_000, [22_000]],
    [3_000, [13_000]],
    [4_000, [23_000]],
    [0, [99_000]]
  ] as const) {
    const budget = new RetryBudget(1, 0)
    for (let n = 0; n < 5; n++) budget.deposit(at)
    const seen = looks.map((now) => budget.available(now))
    assert.deepEqual(
      seen,
      looks.map((now) => (now < at + 10_000 ? 5 : 0)),
      String(looks)
    )
  }
})
