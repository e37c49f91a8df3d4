import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importsOf, packageOf } from './imports.js'

const cases: [source: string, from: string, typeOnly: boolean][] = [
  ["import fastify from 'fastify'", 'fastify', false],
  ["import type { FastifyReply } from 'fastify'", 'fastify', true],
  ["import { type A, type B } from 'x'", 'x', true],
  ["import { type A, b } from 'x'", 'x', false],
  ["import fp, { type A } from 'x'", 'x', false],
  ["import * as net from 'node:net'", 'node:net', false],
  ["import {\n  a,\n  b\n} from './c.js'", './c.js', false],
  ["import './effect.js'", './effect.js', false],
  ["export * from './a.js'", './a.js', false],
  ["export type * from './a.js'", './a.js', true],
  ["export { a } from './a.js'", './a.js', false],
  ["const a = await import('y')", 'y', false]
]

for (const [source, from, typeOnly] of cases)
  test(`reads ${JSON.stringify(source)}`, () => {
    assert.deepEqual(importsOf(source), [{ from, typeOnly }])
  })

test('a declaration before an import does not swallow it', () => {
  assert.deepEqual(importsOf("export type A = B\nimport { x } from 'y'"), [{ from: 'y', typeOnly: false }])
})

test('names the package of a specifier', () => {
  assert.equal(packageOf('@scope/name/deep'), '@scope/name')
  assert.equal(packageOf('undici/lib/x.js'), 'undici')
  assert.equal(packageOf('./file.js'), undefined)
  assert.equal(packageOf('node:net'), undefined)
})
