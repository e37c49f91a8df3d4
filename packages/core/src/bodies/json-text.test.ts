import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonTextError, jsonText, parseJsonText } from './json-text.js'

test('a byte order mark is no part of the text', () => {
  assert.equal(jsonText(Buffer.from('\ufeff{"a":"ü"}')), '{"a":"ü"}')
})

test('bytes that are not UTF-8 are refused, not replaced', () => {
  assert.throws(() => jsonText(Buffer.from([0x22, 0xff, 0x22])), JsonTextError)
})

test('an error quotes nothing of the text', () => {
  assert.throws(
    () => parseJsonText('{"password":"hunter2"'),
    (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2|password/)
      return error instanceof JsonTextError
    }
  )
  assert.throws(() => parseJsonText('  '), /it is empty/)
})

test('a text that is nested 100,000 deep is read', () => {
  assert.ok(parseJsonText('['.repeat(100_000) + ']'.repeat(100_000)))
})

test('__proto__ is a member like any other', () => {
  const value = parseJsonText('{"__proto__":{"admin":true}}') as { admin?: unknown }
  assert.equal(value.admin, undefined)
  assert.equal(Object.hasOwn(value, '__proto__'), true)
})
