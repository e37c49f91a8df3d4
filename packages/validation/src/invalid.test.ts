import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SchemaCompiler } from './compiler.js'
import { problemsOf } from './invalid.js'

const compiler = new SchemaCompiler()
const schema = compiler.compile(
  {
    type: 'object',
    properties: { a: { type: 'array', items: { type: 'integer' } }, b: { $ref: '#' } },
    additionalProperties: false,
    required: ['a']
  },
  false
)

test('whatever JSON comes, it is valid or there are problems, no more than asked for, and it is left as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(20_000), (value, bytes) => {
      const before = JSON.stringify(value)
      const problems = problemsOf('body', schema, value, bytes, 3)
      assert.equal(problems.length === 0, schema.accepts(value))
      assert.ok(problems.length <= (bytes > 8_192 ? 1 : 3))
      assert.equal(JSON.stringify(value), before)
    }),
    { seed: 13, numRuns: 500 }
  )
})

test('a name of any length and kind is told of in short', () => {
  const name = `\u202e${'x'.repeat(10_000)}`
  const [problem] = problemsOf('body', schema, { a: [], [name]: 1 }, 0, 10)
  assert.ok((problem?.pointer.length ?? 0) <= 201)
  assert.doesNotMatch(problem?.pointer ?? '', /\u202e/)
})

test('a value that is nested deeper than can be followed is a problem, not a crash', () => {
  const value = JSON.parse(`${'{"a":[],"b":'.repeat(50_000)}{"a":[]}${'}'.repeat(50_000)}`)
  assert.deepEqual(problemsOf('body', schema, value, 0, 10), [
    { in: 'body', pointer: '', detail: 'is nested too deeply' }
  ])
})
