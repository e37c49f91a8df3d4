import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RandomUuids } from './random-uuid.js'

const VERSION_4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

test('ids are UUIDs of version 4, and no two are equal over many fillings of the pool', () => {
  const uuids = new RandomUuids()
  const ids = Array.from({ length: 5_000 }, () => uuids.next())
  for (const id of ids) assert.match(id, VERSION_4)
  assert.equal(new Set(ids).size, ids.length)
})

test('every random bit takes both values: 122 of them, beside the version and the variant', () => {
  const uuids = new RandomUuids()
  const seen = Array.from({ length: 128 }, () => new Set<string>())
  for (let round = 0; round < 200; round++) {
    const bits = BigInt(`0x${uuids.next().replaceAll('-', '')}`)
      .toString(2)
      .padStart(128, '0')
    for (let bit = 0; bit < 128; bit++) seen[bit]?.add(bits[bit] as string)
  }
  assert.equal(seen.filter(({ size }) => size === 2).length, 122)
})
