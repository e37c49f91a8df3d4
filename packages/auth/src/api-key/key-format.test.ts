import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiKey, digestIn, digestOf, hashApiKey, idIn } from './key-format.js'

test('a key has its prefix, its id, 256 bits of chance and a checksum, and no two are the same', () => {
  const keys = Array.from({ length: 200 }, () => createApiKey({ prefix: 'acme_live' }))
  for (const { key, hash, id } of keys) {
    assert.match(key, /^acme_live_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/)
    assert.equal(idIn(key, 'acme_live'), id)
    assert.equal(idIn(key), id)
    assert.equal(hash, hashApiKey(key))
    assert.doesNotMatch(hash, new RegExp(key.slice(-49)))
  }
  assert.equal(new Set(keys.map(({ key }) => key)).size, keys.length)
})

test('a slip of the pen in any place is told by the checksum', () => {
  const { key } = createApiKey()
  for (let index = 0; index < key.length; index++) {
    const other = key[index] === 'a' ? 'b' : 'a'
    assert.equal(idIn(key.slice(0, index) + other + key.slice(index + 1)), null, String(index))
  }
  for (const wrong of ['', key.slice(1), `${key}x`, key.toUpperCase(), 'x'.repeat(500), `é${key}`])
    assert.equal(idIn(wrong), null)
  assert.equal(idIn(key, 'other'), null)
})

test('a prefix that scanners could not look for is refused', () => {
  for (const prefix of ['', 'A', 'a_', 'a__b', '1a', 'a-b', 'x'.repeat(17)])
    assert.throws(() => createApiKey({ prefix }), TypeError, prefix)
})

test('a hash may be stored in base64url or in hexadecimal, with its algorithm or without', () => {
  const digest = digestOf('some key')
  const hex = Buffer.from(digest, 'base64url').toString('hex')
  for (const stored of [`sha256:${digest}`, digest, `sha256:${hex}`, hex.toUpperCase()])
    assert.equal(digestIn(stored), digest)
})
