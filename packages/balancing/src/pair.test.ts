import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPair } from './pair.js'

const cookies: [list: string, found: string | undefined][] = [
  ['a=1', '1'],
  ['b=2; a=1; c=3', '1'],
  ['b=2;a=1', '1'],
  ['a=1; a=2', '1'],
  ['a=', ''],
  ['a=x=y', 'x=y'],
  ['', undefined],
  [';;; ', undefined],
  ['a', undefined],
  ['aa=1; b=a=2', undefined],
  ['A=1', undefined]
]

for (const [list, found] of cookies) {
  test(`the cookie a of '${list}' is ${found === undefined ? 'not there' : `'${found}'`}`, () => {
    assert.equal(findPair(list, 'a', ';'), found)
  })
}

test('a query is taken apart at its ampersands', () => {
  assert.equal(findPair('x=1;a=2&a=%41+b&a=3', 'a', '&'), '%41+b')
})
