import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from './seeded-chance.js'

const numbers = (seed: number, count: number): number[] => Array.from({ length: count }, seededChance(seed))

test('the same seed gives the same numbers', () => {
  assert.deepEqual(numbers(42, 100), numbers(42, 100))
})

test('another seed gives other numbers', () => {
  assert.notDeepEqual(numbers(1, 10), numbers(2, 10))
})

test('numbers lie between 0, included, and 1, excluded', () => {
  for (const x of numbers(7, 100_000)) assert.ok(x >= 0 && x < 1)
})

test('numbers fill ten equal parts evenly', () => {
  const parts = new Array<number>(10).fill(0)
  for (const x of numbers(3, 100_000)) parts[Math.floor(x * 10)] = (parts[Math.floor(x * 10)] ?? 0) + 1
  const chiSquare = parts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare} with 9 degrees of freedom is beyond the 99.9% bound`)
})

test('a seed gives the numbers of mulberry32 in every version, and 1 is the seed that is not given', () => {
  const first = [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]
  assert.deepEqual(numbers(1, 3), first)
  assert.deepEqual(Array.from({ length: 3 }, seededChance()), first)
})
