import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exactText } from './exact-text.js'
import { exactValue } from './exact-value.js'

test('whole numbers beyond 2^53 are bigints, and are written as they came', () => {
  const text =
    '{"id":12345678901234567890,"n":[9007199254740991,-9007199254740993],"s":"12345678901234567890"}'
  const value = exactValue(text) as { id: unknown; n: unknown[]; s: unknown }
  assert.deepEqual(value, {
    id: 12345678901234567890n,
    n: [9007199254740991, -9007199254740993n],
    s: '12345678901234567890'
  })
  assert.equal(exactText(value), text)
})

test('all else is what JSON.parse makes of it', () => {
  const text =
    ' { "a" : [ 1 , -2.5e3, true,false , null, "\\u0041\\n", {} , [ ] ], "1234567890123456" : 1e1 , "" : "" } '
  assert.deepEqual(exactValue(text), JSON.parse(text))
})

test('names that functions would make prototypes of are refused, however they are escaped', () => {
  for (const text of ['{"__proto__":1}', '{"a":[{"\\u005f_proto__":1}]}', '{"constructor":{"prototype":1}}'])
    assert.throws(() => exactValue(text), /it has a member/)
  assert.deepEqual(exactValue('{"constructor":{"name":1}}'), { constructor: { name: 1 } })
})

test('a number beyond all range is refused, as is what is nested too deeply', () => {
  assert.throws(() => exactValue('[1e400]'), /beyond all range/)
  assert.throws(() => exactValue(`[${'9'.repeat(100_000)}]`), /beyond all range/)
  assert.throws(() => exactValue('['.repeat(1_001) + ']'.repeat(1_001)), /nested more than 1000 deep/)
  assert.ok(exactValue('['.repeat(1_000) + ']'.repeat(1_000)))
  assert.ok(exactValue(`${'['.repeat(999)}"__proto__${'[{'.repeat(2_000)}"${']'.repeat(999)}`))
})

test('what has no JSON text has none', () => {
  assert.equal(exactText(undefined), undefined)
  assert.equal(
    exactText(() => 1),
    undefined
  )
  assert.equal(exactText({ a: undefined, b: 1n }), '{"b":1}')
})
