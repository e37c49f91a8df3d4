import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import { createKeyReader, HASH_KEY_PATTERN, type HashKey } from './hash-key.js'

const exchange = fakeExchange({
  path: '/users/7',
  query: '?user=u%207&user=8',
  client: '2001:db8::7',
  headers: { 'X-User': 'seven', Cookie: 'id=s7; other=1', 'X-Empty': '' }
})

const keys: [key: HashKey, value: string][] = [
  ['client', '2001:db8::7'],
  ['path', '/users/7'],
  ['header:x-user', 'seven'],
  ['header:X-User', 'seven'],
  ['header:x-absent', ''],
  ['header:x-empty', ''],
  ['header:constructor', ''],
  ['cookie:id', 's7'],
  ['cookie:absent', ''],
  ['query:user', 'u%207'],
  ['query:absent', '']
]

for (const [key, value] of keys) {
  test(`the key '${key}' of the request is '${value}'`, () => {
    assert.match(key, new RegExp(HASH_KEY_PATTERN))
    assert.equal(createKeyReader(key)(exchange), value)
  })
}

for (const key of ['', 'ip', 'header', 'header:', 'header:a b', 'cookie:a=b', 'query:', 'client:x', 'uri']) {
  test(`'${key}' is no key`, () => {
    assert.doesNotMatch(key, new RegExp(HASH_KEY_PATTERN))
  })
}
