import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { repeatedName } from './repeated-name.js'

const CASES: readonly (readonly [string, string | null])[] = [
  ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', null],
  ['{"a":1,"b":2,"a":3}', 'a'],
  ['{"a":1,"\\u0061":3}', 'a'],
  ['[{"x":{"y":1 , "y" : 2}}]', 'y'],
  ['{"a":"b","b":"a"}', null],
  ['{"a":"\\\\","b":"\\"a","a\\"":1}', null],
  ['{"a":{},"b":[],"a":0}', 'a'],
  ['["a","a"]', null],
  ['"a"', null],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"":1,"":2}', '']
]

for (const [text, name] of CASES)
  test(`in ${text} ${name === null ? 'no name stands twice' : `'${name}' stands twice`}`, () =>
    assert.equal(repeatedName(text), name))

test('whatever value is written, no name stands twice', () => {
  fc.assert(
    fc.property(fc.json(), (text) => assert.equal(repeatedName(text), null)),
    { seed: 13, numRuns: 1_000 }
  )
})

test('a text of any depth is looked through', () => {
  const deep = `${'{"a":['.repeat(100_000)}${']}'.repeat(100_000)}`
  assert.equal(repeatedName(deep), null)
})
