import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash, mix } from './hash.js'

test('the hash is FNV-1a with 32 bits', () => {
  // Test vectors of the algorithm's authors.
  assert.equal(hash(''), 0x811c9dc5)
  assert.equal(hash('a'), 0xe40c292c)
  assert.equal(hash('foobar'), 0xbf9cf968)
})

test('mixing turns neighbouring hashes into numbers spread over all 32 bits', () => {
  const parts = new Array<number>(16).fill(0)
  for (let n = 0; n < 16_000; n++) {
    const part = mix(hash('http://10.0.0.1'), n) >>> 28
    parts[part] = (parts[part] ?? 0) + 1
  }
  const chiSquare = parts.reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0)
  assert.ok(chiSquare < 37.7, `chi-square ${chiSquare} with 15 degrees of freedom is beyond the 99.9% bound`)
})

test('mixing gives unsigned numbers', () => {
  for (let n = 0; n < 100; n++) assert.ok(mix(n, n * 7) >= 0)
})
