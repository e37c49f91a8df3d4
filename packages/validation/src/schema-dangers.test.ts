import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaDangers } from './schema-dangers.js'

const REFUSED: readonly (readonly [object, string])[] = [
  [{ pattern: '(a|a)*b' }, '/pattern: '],
  [{ pattern: '^.*a.*b$' }, '/pattern: '],
  [{ pattern: '(?=a)b' }, '/pattern: '],
  [{ items: { pattern: '(a*)*' } }, '/items/pattern: '],
  [{ allOf: [{}, { pattern: '(a*)*' }] }, '/allOf/1/pattern: '],
  [{ properties: { 'a/b': { pattern: '(a*)*' } } }, '/properties/a~1b/pattern: '],
  [{ $defs: { a: { not: { pattern: '(a*)*' } } } }, '/$defs/a/not/pattern: '],
  [{ patternProperties: { '(a*)*': {} } }, '/patternProperties: '],
  [{ uniqueItems: true }, '/uniqueItems: '],
  [{ uniqueItems: true, maxItems: 1_001 }, '/uniqueItems: '],
  [{ uniqueItems: true, items: { type: ['string', 'object'] } }, '/uniqueItems: '],
  [{ format: 'url' }, '/format: '],
  [{ format: 'regex' }, '/format: '],
  [{ $async: true }, '/$async: ']
]

for (const [schema, begins] of REFUSED)
  test(`${JSON.stringify(schema)} is dangerous`, () => {
    const [danger = ''] = schemaDangers(schema)
    assert.equal(danger.slice(0, begins.length), begins)
  })

const TAKEN: readonly object[] = [
  { pattern: '^[a-z]{1,10}$' },
  { pattern: '^.+$' },
  { pattern: '^a\\.b[.]c$' },
  { properties: { pattern: { type: 'string' }, format: { const: 'url' } } },
  { enum: [{ pattern: '(a*)*' }], const: { pattern: '(a*)*' }, default: { format: 'url' } },
  { uniqueItems: true, maxItems: 1_000 },
  { uniqueItems: true, items: { type: 'string' } },
  { uniqueItems: false, format: 'uri' }
]

for (const schema of TAKEN)
  test(`${JSON.stringify(schema)} is not`, () => assert.deepEqual([...schemaDangers(schema)], []))

test('a pattern whose dot stops at line breaks is judged as such', () => {
  // Read as any character, nothing could make its end fail.
  assert.notDeepEqual([...schemaDangers({ pattern: '^(?:.*a){1,9}.*$' })], [])
})
