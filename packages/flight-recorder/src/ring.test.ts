import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ring } from './ring.js'

function ringOf(size: number) {
  let made = 0
  const ring = new Ring(size, () => {
    made++
    return { value: 0 }
  })
  return {
    ring,
    made: () => made,
    add(...values: number[]) {
      for (const value of values) ring.claim().value = value
    },
    values: () => [...ring.newest()].map(({ value }) => value)
  }
}

test('a ring gives the newest first, and forgets the oldest', () => {
  const { ring, add, values } = ringOf(3)
  assert.deepEqual([values(), ring.oldest, ring.count], [[], undefined, 0])
  add(1, 2)
  assert.deepEqual([values(), ring.oldest?.value, ring.count], [[2, 1], 1, 2])
  add(3, 4)
  assert.deepEqual([values(), ring.oldest?.value, ring.count], [[4, 3, 2], 2, 3])
  add(5, 6, 7, 8)
  assert.deepEqual(values(), [8, 7, 6])
})

test('a ring makes no more places than it has room for', () => {
  const { add, made } = ringOf(5)
  for (let n = 0; n < 100; n++) add(n)
  assert.equal(made(), 5)
})

test('a ring of one holds the last', () => {
  const { add, values } = ringOf(1)
  add(1, 2)
  assert.deepEqual(values(), [2])
})

test('a ring of another size keeps the newest, and goes on', () => {
  const { ring, add, values } = ringOf(4)
  add(1, 2, 3, 4, 5)
  ring.resize(2)
  assert.deepEqual([values(), ring.oldest?.value], [[5, 4], 4])
  add(6)
  assert.deepEqual(values(), [6, 5])
  ring.resize(4)
  add(7)
  assert.deepEqual([values(), ring.oldest?.value], [[7, 6, 5], 5])
  add(8, 9)
  assert.deepEqual(values(), [9, 8, 7, 6])
  ring.resize(3)
  add(10)
  assert.deepEqual(values(), [10, 9, 8])
})
