import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonStringEnd, jsonStringOf } from './json-string.js'

test('whatever a string holds, its end is found and it is read', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ':"x"', ',"\\\\"', '"'),
      (value, behind) => {
        const text = JSON.stringify(value)
        assert.equal(jsonStringEnd(`[${text}${behind}`, 1), text.length + 1)
        assert.equal(jsonStringOf(text), value)
      }
    ),
    { seed: 13, numRuns: 1_000 }
  )
})
