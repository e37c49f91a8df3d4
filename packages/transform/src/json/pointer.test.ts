import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Pointer, readPointer } from './pointer.js'

test('a pointer is taken apart, and its escapes are undone', () => {
  assert.deepEqual(
    (readPointer('/a~1b/m~0n/~01/0/-/*/') as Pointer).map(({ name }) => name),
    ['a/b', 'm~n', '~1', '0', '-', '*', '']
  )
})

test('an index is a number without leading zeros', () => {
  const indices = (readPointer('/0/12/01/-1/1e1/*') as Pointer).map(({ index }) => index)
  assert.deepEqual(indices, [0, 12, -1, -1, -1, -1])
})

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['', /the whole body/],
  ['a', /must begin with '\/'/],
  ['/a~', /'~' that is neither/],
  ['/a~2b', /'~' that is neither/],
  ['/a'.repeat(33), /more than 32 steps/]
]

for (const [text, message] of WRONG)
  test(`'${text.slice(0, 20)}' is no pointer`, () => assert.match(String(readPointer(text)), message))
