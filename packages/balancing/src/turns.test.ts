import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Candidates, Endpoint } from '@gatewright/core'
import { endpoints, seededChance } from '@gatewright/testing'
import { createTurns } from './turns.js'

const three = (weights: number[] = []) => endpoints(3, weights)

const LETTERS = 'abc'

function sequence(next: (candidates: Candidates) => Endpoint, candidates: Candidates, count: number): string {
  return Array.from({ length: count }, () => LETTERS[candidates.indexOf(next(candidates))]).join('')
}

test('weights 5, 1 and 1 give the smooth sequence a a b a c a a, again and again', () => {
  const next = createTurns((endpoint) => endpoint.weight)
  assert.equal(sequence(next, three([5, 1, 1]), 21), 'aabacaa'.repeat(3))
})

test('equal weights give strict turns, also after many of them', () => {
  const next = createTurns(() => 1)
  assert.equal(sequence(next, three(), 30_000), 'abc'.repeat(10_000))
})

test('every window of a whole cycle holds each endpoint by its weight', () => {
  const next = createTurns((endpoint) => endpoint.weight)
  const all = sequence(next, three([4, 2, 3]), 90)
  for (let start = 0; start + 9 <= all.length; start++) {
    const window = [...all.slice(start, start + 9)].sort().join('')
    assert.equal(window, 'aaaabbccc')
  }
})

test('a new weight holds at once and pays off no debts of the old one', () => {
  const next = createTurns((endpoint) => endpoint.weight)
  const candidates = three([60_000, 1, 1])
  sequence(next, candidates, 1_000)
  candidates[0].weight = 1
  const after = sequence(next, candidates, 12)
  for (const letter of 'abc') assert.ok(Math.abs(after.split(letter).length - 1 - 4) <= 1, after)
})

test('an endpoint that leaves and comes back loses nothing and gains nothing', () => {
  const next = createTurns(() => 1)
  const [a, b, c] = three()
  sequence(next, [a, b, c], 100)
  assert.equal(sequence(next, [a, b], 100).split('c').length - 1, 0)
  const back = sequence(next, [a, b, c], 30)
  for (const letter of 'abc') assert.ok(Math.abs(back.split(letter).length - 1 - 10) <= 1, back)
})

test('turns stay fair when the candidates change with every call', () => {
  const next = createTurns(() => 1)
  const all = endpoints(5)
  const chance = seededChance(3)
  const due = new Map<Endpoint, number>()
  for (let n = 0; n < 5_000; n++) {
    const [first = all[0], ...others] = all.filter(() => chance() < 0.6)
    const candidates: Candidates = [first, ...others]
    for (const endpoint of candidates) due.set(endpoint, (due.get(endpoint) ?? 0) + 1 / candidates.length)
    const picked = next(candidates)
    due.set(picked, (due.get(picked) ?? 0) - 1)
  }
  for (const owed of due.values()) assert.ok(Math.abs(owed) < 2, `an endpoint is owed ${owed} turns`)
})
