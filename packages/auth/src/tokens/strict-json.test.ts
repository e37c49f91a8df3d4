import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '@gatewright/testing'
import { parseStrictJson } from './strict-json.js'

test('reads what JSON can say', () => {
  const text =
    ' {"a":[1,-0.5,2e3,true,false,null,"\\u00e4\\n\\"\\ud83e\\udd86"],"b":{},"c":[],"":{"d":"é 🦆"}} '
  assert.deepEqual(JSON.stringify(parseStrictJson(text)), JSON.stringify(JSON.parse(text)))
})

test('refuses what two parsers may read differently', () => {
  for (const text of [
    '',
    ' ',
    '{',
    '{}{}',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    "{'a':1}",
    '{"a":1 "b":2}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    '{"__proto__":1}',
    '{"\\u005f_proto__":1}',
    '[1}',
    '{"a":1]',
    '01',
    '1.',
    '.5',
    '+1',
    '- 1',
    '0x1',
    '1e400',
    '-1e400',
    'NaN',
    'Infinity',
    'undefined',
    'True',
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\n"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '/**/1',
    '1//',
    '\ufeff1',
    '\u00a01',
    '{"a":1}\0'
  ])
    assert.throws(() => parseStrictJson(text), SyntaxError, JSON.stringify(text))
})

test('takes what is nested 32 deep, and no deeper', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  parseStrictJson(nested(32))
  assert.throws(() => parseStrictJson(nested(33)), SyntaxError)
  assert.throws(() => parseStrictJson('[{"a":'.repeat(100_000)), SyntaxError)
})

test('objects have no prototype, and nothing can be changed', () => {
  const value = parseStrictJson('{"a":{"constructor":1}}') as { a: object }
  assert.equal(Object.getPrototypeOf(value), null)
  assert.equal(Object.getPrototypeOf(value.a), null)
  assert.ok(Object.isFrozen(value) && Object.isFrozen(value.a))
})

test('agrees with JSON.parse on 20,000 made-up texts, but for what it refuses more', () => {
  const chance = seededChance(7)
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\u0061"',
    '1',
    '-2.5e1',
    'true',
    'null',
    ' ',
    '"',
    '\\',
    '0'
  ]
  let read = 0
  for (let n = 0; n < 20_000; n++) {
    let text = ''
    const length = 1 + Math.floor(chance() * 12)
    for (let index = 0; index < length; index++) text += pieces[Math.floor(chance() * pieces.length)]
    let strict: unknown
    try {
      strict = parseStrictJson(text)
    } catch {
      continue
    }
    assert.equal(JSON.stringify(strict), JSON.stringify(JSON.parse(text)), text)
    read++
  }
  assert.ok(read > 500, `${read} were JSON`)
})
