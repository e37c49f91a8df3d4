import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readParams, readShape, type Shape } from './shape.js'

function shapeOf(value: string, kind: 'exact' | 'prefix' = 'exact'): Shape {
  const shape = readShape({ kind, value }, 'strict')
  assert.ok(typeof shape !== 'string', String(shape))
  return shape
}

test('characters outside ASCII and escapes are spelled as they are on the wire', () => {
  assert.deepEqual(shapeOf('/käse/%c3%a9/%7Ex/a%2fb/a;b=1/日本').segments, [
    'k%C3%A4se',
    '%C3%A9',
    '~x',
    'a%2Fb',
    'a;b=1',
    '%E6%97%A5%E6%9C%AC'
  ])
})

test('a colon inside a segment is just a colon', () => {
  assert.deepEqual(shapeOf('/v1/users:batch/a::b').segments, ['v1', 'users:batch', 'a::b'])
})

for (const [value, problem] of [
  ['/a/:id.json', "':id.json' must be one parameter, ':' and a name, and the whole segment"],
  ['/:a-:b', "':a-:b' must be one parameter, ':' and a name, and the whole segment"],
  ['/:id(\\d+)', "':id(\\d+)' must be one parameter, ':' and a name, and the whole segment"],
  ['/:id?', "':id?' must be one parameter, ':' and a name, and the whole segment"],
  ['/::a', "'::a' must be one parameter, ':' and a name, and the whole segment"],
  ['/:', "':' must be one parameter, ':' and a name, and the whole segment"],
  ['/:__proto__', "':__proto__' must be one parameter, ':' and a name, and the whole segment"],
  ['/:a/:a', "':a' is there twice"],
  ['/a*b', "'a*b' has no canonical form"],
  ['/a?b', "'a?b' has no canonical form"],
  ['/a/../b', "'..' has no canonical form"],
  ['/a%2', "'a%2' has no canonical form"],
  ['/a%FF', "'a%FF' has no canonical form"],
  ['/a%00', "'a%00' has no canonical form"],
  ['/\ud800', "'\ud800' has no canonical form"]
] as const)
  test(`the path ${value} is refused`, () => {
    assert.equal(readShape({ kind: 'exact', value }, 'strict'), problem)
  })

test('parameters are decoded', () => {
  const shape = shapeOf('/a/:x/:y', 'prefix')
  assert.deepEqual(readParams(shape, '/a/%C3%A9/b%2Fc%25/d%20e/f', false), {
    x: 'é',
    y: 'b/c%',
    '*': 'd e/f'
  })
  assert.deepEqual(readParams(shape, '/a/b/c', false), { x: 'b', y: 'c', '*': '' })
  assert.deepEqual(readParams(shape, '/a/b/c//d', false), { x: 'b', y: 'c', '*': '/d' })
})

test('an empty parameter is none', () => {
  assert.equal(readParams(shapeOf('/a/:x'), '/a/', false), null)
  assert.equal(readParams(shapeOf('/a/:x/b'), '/a//b', false), null)
})

test('fixed segments are compared again where case was ignored', () => {
  assert.deepEqual(readParams(shapeOf('/A/:x'), '/A/b', true), { x: 'b' })
  assert.equal(readParams(shapeOf('/A/:x'), '/a/b', true), null)
})
