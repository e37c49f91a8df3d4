import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileValidator, schemaProblems } from './problems.js'

const validate = compileValidator({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1 },
    count: { type: 'integer', minimum: 1 },
    wait: { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h)$' },
    limit: {
      anyOf: [{ const: false }, { type: 'string', pattern: '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$' }]
    },
    mode: { anyOf: [{ const: 'strict' }, { const: 'ignore' }] },
    where: {
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          additionalProperties: false,
          required: ['url'],
          properties: { url: { type: 'string' } }
        }
      ]
    },
    token: { type: 'string', pattern: '^[a-z]+$', rule: 'a string of small letters', writeOnly: true },
    shape: {
      type: 'object',
      required: ['type'],
      discriminator: { propertyName: 'type' },
      kinds: ['circle', 'square'],
      oneOf: ['circle', 'square'].map((kind) => ({
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: { type: { const: kind }, [kind === 'circle' ? 'radius' : 'side']: { type: 'integer' } }
      }))
    },
    list: { type: 'array', items: { type: 'string' } },
    byId: { type: 'object', additionalProperties: { type: 'integer' } }
  }
})

const MISTAKES: readonly [value: unknown, sentence: string][] = [
  [null, 'the configuration: null must be an object'],
  [
    'x',
    "the configuration: 'x' must be an object; its keys: 'name', 'count', 'wait', 'limit', 'mode', 'where', 'token', 'shape', 'list', 'byId'"
  ],
  [{}, "the configuration: 'name' is missing"],
  [{ name: '' }, "name: '' must be a string that is not empty"],
  [{ name: 'a', nmae: 1 }, "the configuration: unknown key 'nmae'; did you mean 'name'?"],
  [{ name: 'a', count: 0 }, 'count: 0 must be a whole number of at least 1'],
  [{ name: 'a', count: 1.5 }, 'count: 1.5 must be a whole number of at least 1'],
  [{ name: 'a', wait: '5' }, "wait: '5' must be a duration such as '250ms', '3s' or '5m'"],
  [{ name: 'a', wait: 5 }, "wait: 5 must be a duration such as '250ms', '3s' or '5m'"],
  [{ name: 'a', limit: '5' }, "limit: '5' must be false or a size such as '64KiB' or '1MiB'"],
  [{ name: 'a', limit: true }, "limit: true must be false or a size such as '64KiB' or '1MiB'"],
  [{ name: 'a', mode: 'ignroe' }, "mode: 'ignroe' must be one of 'strict', 'ignore'; did you mean 'ignore'?"],
  [{ name: 'a', mode: 'xyz' }, "mode: 'xyz' must be one of 'strict', 'ignore'"],
  [{ name: 'a', where: 5 }, "where: 5 must be a string or an object; its keys: 'url'"],
  [{ name: 'a', where: {} }, "where: 'url' is missing"],
  [{ name: 'a', where: { url: 5 } }, 'where.url: 5 must be a string'],
  [{ name: 'a', where: { url: 'x', ulr: 'y' } }, "where: unknown key 'ulr'; did you mean 'url'?"],
  [{ name: 'a', shape: { type: 'circle', side: 1 } }, "shape: unknown key 'side'; valid: 'type', 'radius'"],
  [{ name: 'a', shape: { type: 'square', side: 'x' } }, "shape.side: 'x' must be a whole number"],
  [
    { name: 'a', shape: { type: 'circel' } },
    "shape: type: there is no type 'circel'; did you mean 'circle'?"
  ],
  [{ name: 'a', shape: { radius: 1 } }, "shape: 'type' is missing"],
  [{ name: 'a', shape: 5 }, 'shape: 5 must be an object'],
  [{ name: 'a', list: 'b' }, "list: 'b' must be a list; did you mean ['b']?"],
  [{ name: 'a', list: '' }, "list: '' must be a list"],
  [{ name: 'a', list: 5 }, 'list: 5 must be a list'],
  [{ name: 'a', list: ['a', 5] }, 'list[1]: 5 must be a string'],
  [{ name: 'a', byId: { 'a/b~c': 'x' } }, "byId.a/b~c: 'x' must be a whole number"],
  [{ name: 'a', count: 'x'.repeat(100) }, `count: '${'x'.repeat(59)}…' must be a whole number of at least 1`]
]

for (const [value, sentence] of MISTAKES)
  test(`one mistake is one sentence: ${sentence}`, () => {
    assert.deepEqual(schemaProblems(validate, value), [sentence])
  })

test('a value that is right has no problems', () => {
  const value = {
    name: 'a',
    count: 1,
    wait: '1s',
    limit: false,
    mode: 'strict',
    where: { url: 'x' },
    list: []
  }
  assert.deepEqual(schemaProblems(validate, value), [])
})

test('all mistakes are told at once', () => {
  const sentences = schemaProblems(validate, { count: 0, wait: 'x', list: [1, 2], nope: 1 })
  assert.deepEqual(sentences.map((sentence) => sentence.split(':')[0]).sort(), [
    'count',
    'list[0]',
    'list[1]',
    'the configuration',
    'the configuration',
    'wait'
  ])
})

test('every sentence begins with where the value stands', () => {
  assert.deepEqual(schemaProblems(validate, { name: 5 }, 'pools.a'), [
    'pools.a.name: 5 must be a string that is not empty'
  ])
  assert.deepEqual(schemaProblems(validate, {}, 'routes[3]'), ["routes[3]: 'name' is missing"])
})

test('a secret is not repeated', () => {
  assert.deepEqual(schemaProblems(validate, { name: 'a', token: 'SECRET1' }), [
    'token: the value must be a string of small letters'
  ])
})
