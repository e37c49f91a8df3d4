import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readQuery, TWO_VALUES } from './query.js'

const CASES: readonly (readonly [
  what: string,
  query: string,
  name: string,
  value: ReturnType<typeof readQuery>
])[] = [
  ['a value', '?a=1&b=2', 'b', '2'],
  ['a query without its question mark', 'a=1', 'a', '1'],
  ['an absent name', '?a=1', 'b', null],
  ['an empty query', '', 'a', null],
  ['a bare question mark', '?', '', null],
  ['a name without a value', '?a&b', 'a', ''],
  ['an empty value', '?a=', 'a', ''],
  ['an equals sign in the value', '?a=b=c', 'a', 'b=c'],
  ['a value that contains the name', '?b=a=1', 'a', null],
  ['encoded names and values', '?%61%20b=%C3%A9', 'a b', 'é'],
  ['plus as a space', '?a+b=c+d%2B', 'a b', 'c d+'],
  ['an escape that is no UTF-8', '?a=%FF&b=%zz', 'a', '%FF'],
  ['a broken escape', '?a=1&b=%zz', 'b', '%zz'],
  ['the same value twice', '?a=1&b=2&a=1', 'a', '1'],
  ['the same value in two spellings', '?a=x&a=%78', 'a', 'x'],
  ['two values', '?a=1&a=2', 'a', TWO_VALUES],
  ['two values of which one is empty', '?a&a=2', 'a', TWO_VALUES],
  ['two values under two spellings of the name', '?a=1&%61=2', 'a', TWO_VALUES],
  ['a name that objects inherit', '?a=1', 'constructor', null],
  ['case, which matters', '?A=1', 'a', null]
]

for (const [what, query, name, value] of CASES)
  test(`the query ${query} is read: ${what}`, () => assert.equal(readQuery(query, name), value))
