import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '@gatewright/testing'
import { tokenBucket } from './algorithms.js'
import { KeyTable } from './key-table.js'

const algorithm = tokenBucket(1_000, 2)
const tableOf = (most: number): KeyTable => new KeyTable(most, seededChance(1))

function admits(table: KeyTable, key: string, now: number): boolean {
  const bucket = table.of(key, algorithm, now)
  if (algorithm.wait(bucket, now, 1) > 0) return false
  algorithm.take(bucket, now, 1)
  return true
}

test('a flood of keys never sets back one that is limited, nor grows the table', () => {
  const table = tableOf(100)
  assert.deepEqual(
    [admits(table, 'a', 1_000), admits(table, 'a', 1_000), admits(table, 'a', 1_000)],
    [true, true, false]
  )
  for (let n = 0; n < 1_000_000; n++) admits(table, `made-up-${n}`, 1_000)
  assert.equal(table.size, 100)
  assert.equal(admits(table, 'a', 1_000), false)
  assert.ok(table.overflowed > 999_000)
  // Beyond its places, keys limit each other.
  assert.equal(admits(table, 'made-up-1000000', 1_000), false)
})

test('keys whose limit is whole again make room for others', () => {
  const table = tableOf(3)
  for (const key of ['a', 'b', 'c']) admits(table, key, 1_000)
  admits(table, 'b', 1_500)
  assert.equal(admits(table, 'd', 2_500), true)
  assert.equal(table.overflowed, 0)
  assert.equal(table.size, 2)
  assert.equal(admits(table, 'b', 2_500), true)
  assert.equal(admits(table, 'b', 2_500), false)
})

test('a table that gets smaller keeps the keys that it has', () => {
  const table = tableOf(3)
  for (const key of ['a', 'b', 'c'])
    assert.deepEqual([admits(table, key, 1_000), admits(table, key, 1_000)], [true, true])
  table.resize(1)
  assert.equal(admits(table, 'a', 1_000), false)
  assert.equal(admits(table, 'd', 1_000), true)
  assert.equal(table.overflowed, 1)
})

test('a key costs the same however many came before: nothing is gone through', () => {
  const table = tableOf(50_000)
  const looked = { times: 0 }
  const counting = {
    ...algorithm,
    reset(...[bucket, now]: Parameters<typeof algorithm.reset>) {
      looked.times++
      return algorithm.reset(bucket, now)
    }
  }
  for (let n = 0; n < 200_000; n++) algorithm.take(table.of(`key-${n}`, counting, 1_000), 1_000, 1)
  assert.ok(looked.times <= 4 * 200_000)
  // All are whole again by now, and go as others come.
  for (let n = 0; n < 20_000; n++) table.of(`later-${n}`, counting, 1_000_000)
  assert.ok(table.size <= 20_000, String(table.size))
})
