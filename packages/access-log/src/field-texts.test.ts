import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFieldTexts, UNKNOWN } from './field-texts.js'

const VALUES = ['a', null, undefined, 'null', 'with "quotes"', '\n', 'http://127.0.0.1:3001', 'é', '']

test('a remembered text is what would be found anew', () => {
  const texts = createFieldTexts()
  for (let round = 0; round < 3; round++)
    for (const one of VALUES) {
      assert.equal(texts.of(one), UNKNOWN.of(one))
      assert.equal(JSON.parse(texts.of(one)), one === '\n' ? '\ufffd' : (one ?? null))
    }
})

test('a place is told by all three of its parts', () => {
  const texts = createFieldTexts()
  for (let round = 0; round < 2; round++)
    for (const route of VALUES)
      for (const pool of VALUES)
        for (const endpoint of VALUES)
          assert.equal(texts.place(route, pool, endpoint), UNKNOWN.place(route, pool, endpoint))
})

test('values that clients make up are not kept for ever', () => {
  const texts = createFieldTexts()
  for (let count = 0; count < 5_000; count++) {
    assert.equal(texts.of(`client ${count}`), `"client ${count}"`)
    texts.place('route', 'pool', `endpoint ${count}`)
    assert.ok(texts.size <= 2_000)
  }
})
