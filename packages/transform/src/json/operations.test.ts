import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import fc from 'fast-check'
import type { JsonOperation } from '../config/config.js'
import { JsonEditor } from './json-editor.js'
import { compileOperation } from './operations.js'

const exchange = fakeExchange({})

function edited(text: string, ...operations: JsonOperation[]): string {
  const compiled = operations.flatMap((one) => compileOperation(one, 'response'))
  const editor = new JsonEditor(compiled, 1024 ** 2, exchange, { endpoint: 'a:1', status: 201 })
  return (editor.edit(text) as string | null) ?? 'the same'
}

const CASES: readonly (readonly [string, string, JsonOperation, string])[] = [
  ['drops a member', '{"a":1,"b":2}', { remove: ['/a'] }, '{"b":2}'],
  ['drops the last member', '{"a":1}', { remove: ['/a'] }, '{}'],
  ['drops what stands twice', '{"a":1,"b":2,"a":3}', { remove: ['/a'] }, '{"b":2}'],
  ['knows a name however it is escaped', '{"\\u0061":1,"b":2}', { remove: ['/a'] }, '{"b":2}'],
  ['drops an item', '[1,2,3]', { remove: ['/1'] }, '[1,3]'],
  ['drops every item', '[1,2,3]', { remove: ['/*'] }, '[]'],
  ['goes into every item', '[{"a":1},{"b":1},2]', { remove: ['/*/a'] }, '[{},{"b":1},2]'],
  ['goes into every member', '{"x":{"a":1},"y":{"a":1,"b":2}}', { remove: ['/*/a'] }, '{"x":{},"y":{"b":2}}'],
  ['goes into each of two of one name', '{"x":{"a":1},"x":{"a":2}}', { remove: ['/x/a'] }, '{"x":{},"x":{}}'],
  [
    'drops nothing that is not there',
    '{"a":{"b":1}}',
    { remove: ['/b', '/a/c', '/a/b/c', '/0', '/*/c'] },
    'the same'
  ],
  ['knows names with slashes', '{"a/b":1,"c~d":2}', { remove: ['/a~1b', '/c~0d'] }, '{}'],
  ['knows the empty name', '{"":1,"b":2}', { remove: ['/'] }, '{"b":2}'],
  [
    'keeps numbers as they are written',
    '{"a":1,"b":12345678901234567890.10,"c":1E400,"d":-0.0}',
    { remove: ['/a'] },
    '{"b":12345678901234567890.10,"c":1E400,"d":-0.0}'
  ],
  [
    'keeps what it does not look into',
    '{ "a" : [ 1, "\\u00fc" ] ,\n"b":2 }',
    { remove: ['/b'] },
    '{"a":[ 1, "\\u00fc" ]}'
  ],
  [
    'takes __proto__ for a name',
    '{"__proto__":{"x":1},"a":1}',
    { remove: ['/__proto__/x'] },
    '{"__proto__":{},"a":1}'
  ],
  ['gives another name', '{"a":1,"b":2}', { rename: { '/a': 'c' } }, '{"c":1,"b":2}'],
  ['drops what had that name', '{"c":0,"a":1,"b":2}', { rename: { '/a': 'c' } }, '{"c":1,"b":2}'],
  ['leaves what has no such member', '{"c":0}', { rename: { '/a': 'c' } }, 'the same'],
  ['renames in every item', '[{"a":1},{"a":2}]', { rename: { '/*/a': 'b"' } }, '[{"b\\"":1},{"b\\"":2}]'],
  ['sets a member', '{"a":1}', { set: { '/a': { b: [true, null, 1.5] } } }, '{"a":{"b":[true,null,1.5]}}'],
  ['sets one that is not there, behind', '{"a":1}', { set: { '/b': 2 } }, '{"a":1,"b":2}'],
  ['sets one of two once', '{"a":1,"b":2,"a":3}', { set: { '/a': 4 } }, '{"a":4,"b":2}'],
  ['makes objects on the way', '{}', { set: { '/a/b/c': 1 } }, '{"a":{"b":{"c":1}}}'],
  ['makes nothing in what is no object', '{"a":1,"b":[]}', { set: { '/a/b': 1, '/b/0/c': 1 } }, 'the same'],
  ['sets an item', '[1,2]', { set: { '/1': 3 } }, '[1,3]'],
  ['sets no item that is not there', '[1,2]', { set: { '/2': 3 } }, 'the same'],
  ['appends', '{"a":[1]}', { set: { '/a/-': 2 } }, '{"a":[1,2]}'],
  ['sets every item', '[1,2]', { set: { '/*': 0 } }, '[0,0]'],
  ['sets in every item', '[{"a":1},{}]', { set: { '/*/a': 2 } }, '[{"a":2},{"a":2}]'],
  ['adds what is not there', '{}', { add: { '/a': 1 } }, '{"a":1}'],
  ['adds nothing to what is there', '{"a":null}', { add: { '/a': 1 } }, 'the same'],
  ['inserts an item', '[1,2]', { add: { '/1': 9 } }, '[1,9,2]'],
  ['inserts behind the last', '[1,2]', { add: { '/2': 9, '/-': 8 } }, '[1,2,9,8]'],
  ['inserts nowhere beyond', '[1,2]', { add: { '/3': 9 } }, 'the same'],
  [
    'masks strings, numbers, objects and lists',
    '{"a":"x","b":1,"c":{"d":1},"e":[1],"f":null}',
    { mask: ['/*'] },
    '{"a":"***","b":"***","c":"***","e":"***","f":null}'
  ],
  ['masks both of one name', '{"a":1,"a":2}', { mask: ['/a'] }, '{"a":"***","a":"***"}'],
  [
    'leaves the end of what is long enough',
    '["4111111111111111",4111111111111111,"1234567","😀😀😀😀😀😀😀😀a"]',
    { mask: ['/*'], with: '…', keepLast: 4 },
    '["…1111","…1111","…","…😀😀😀a"]'
  ],
  ['leaves nothing of an object', '[{"a":"secret-secret"}]', { mask: ['/*'], keepLast: 4 }, '["***"]'],
  [
    'keeps what is picked',
    '{"a":1,"b":{"c":1,"d":2},"e":3}',
    { pick: ['/a', '/b/d'] },
    '{"a":1,"b":{"d":2}}'
  ],
  ['picks from every item', '[{"a":1,"b":2},{"b":3},4]', { pick: ['/*/a'] }, '[{"a":1},{}]'],
  [
    'picks what a name and a star lead to',
    '{"x":{"a":1,"b":2},"y":{"a":1,"b":2}}',
    { pick: ['/*/a', '/x/b'] },
    '{"x":{"a":1,"b":2},"y":{"a":1}}'
  ],
  ['picks nothing of a scalar on the way', '{"a":"secret"}', { pick: ['/a/b'] }, '{}'],
  ['picks nothing of a scalar', '"secret"', { pick: ['/a'] }, 'null'],
  [
    'fills in templates',
    '{}',
    { set: { '/a': ['{method} {{x}}', { b: '{status}' }] } },
    '{"a":["GET {x}",{"b":"201"}]}'
  ],
  ['sets nothing without a value', '{}', { set: { '/a/b': '{identity.subject}' } }, 'the same']
]

for (const [what, text, operation, expected] of CASES)
  test(`an operation ${what}`, () => assert.equal(edited(text, operation), expected))

test('operations are done in order', () => {
  assert.equal(
    edited('{"a":{"b":1}}', { rename: { '/a': 'x' } }, { set: { '/x/c': 2 } }, { remove: ['/x/b'] }),
    '{"x":{"c":2}}'
  )
})

test('a value that a client chooses cannot leave its string', () => {
  const given = fakeExchange({ query: '?q=%22%2C%22admin%22%3Atrue%2C%22x%22%3A%22%0A%E2%80%A8' })
  const [operation] = compileOperation({ set: { '/a': '{query.q}' } }, 'request')
  const editor = new JsonEditor([operation as never], 1_000, given, null)
  assert.deepEqual(JSON.parse(editor.edit('{}') as string), { a: '","admin":true,"x":"\n\u2028' })
})

test('a text that is nested 100,000 deep is changed without a deep stack', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  assert.equal(edited(`{"a":${deep},"b":1}`, { remove: ['/b'] }), `{"a":${deep}}`)
  assert.equal(edited(deep, { mask: [`${'/0'.repeat(32)}`] }).length, 69)
})

test('70,000 names are read through once for each operation', () => {
  const members = Array.from({ length: 70_000 }, (_, n) => `"k${n}":${n}`).join()
  const { a, ...rest } = JSON.parse(edited(`{${members}}`, { remove: ['/k5'] }, { set: { '/a': 1 } }))
  assert.deepEqual([a, Object.keys(rest).length], [1, 69_999])
})

// What the operations say, on parsed values.
function model(value: unknown, path: readonly string[]): unknown {
  const [step = '', ...rest] = path
  if (typeof value !== 'object' || value === null) return value
  const isHit = (key: string): boolean => step === '*' || step === key
  if (Array.isArray(value))
    return rest.length === 0
      ? value.filter((_, index) => !isHit(String(index)))
      : value.map((item, index) => (isHit(String(index)) ? model(item, rest) : item))
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      !isHit(key) ? [[key, member]] : rest.length === 0 ? [] : [[key, model(member, rest)]]
    )
  )
}

test('whatever JSON comes, what is removed is gone, and all else is as it was', () => {
  const key = fc.constantFrom('a', 'b', '0', '1', '"', 'ü', '\\', '*')
  const { json } = fc.letrec<{ json: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null)
    ),
    json: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true })
    )
  }))
  const space = fc.constantFrom(undefined, 1, '\t', '\n')
  fc.assert(
    fc.property(json, fc.array(key, { minLength: 1, maxLength: 4 }), space, (value, path, indent) => {
      const text = JSON.stringify(value, null, indent)
      const result = edited(text, { remove: [`/${path.join('/')}`] })
      assert.deepEqual(
        JSON.parse(result === 'the same' ? text : result),
        JSON.parse(JSON.stringify(model(value, path)))
      )
    }),
    { seed: 13, numRuns: 2_000 }
  )
})
