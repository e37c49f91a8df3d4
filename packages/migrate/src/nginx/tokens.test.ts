import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MigrationError } from '../migration.js'
import { tokensOf } from './tokens.js'

const texts = (text: string): readonly string[] => [...tokensOf(text, 'a')].map((token) => token.text)

test('words, marks, quotes, escapes and comments are read as nginx reads them', () => {
  for (const [text, expected] of [
    ['a b;', ['a', 'b', ';']],
    ['a "b c" \'d;e\';', ['a', 'b c', 'd;e', ';']],
    ['a \\.php$ { b; }', ['a', '\\.php$', '{', 'b', ';', '}']],
    ['a "say \\"hi\\"";', ['a', 'say "hi"', ';']],
    ['a b#c; # comment ; {\nd;', ['a', 'b#c', ';', 'd', ';']],
    [`a $${'{b}'}c;`, ['a', `$${'{b}'}c`, ';']],
    ['a { b ""; }', ['a', '{', 'b', '', ';', '}']],
    ['content_by_lua_block { if a then { b } end } c;', ['content_by_lua_block', '{', '}', 'c', ';']]
  ] as const)
    assert.deepEqual(texts(text), expected, text)
})

test('each token has its line, behind quotes and blocks of several lines too', () => {
  const lines = [...tokensOf('a\n"b\nc" d;\nx_by_lua_block {\n\n}\ne;', 'a')].map(({ text, line }) => [
    text,
    line
  ])
  assert.deepEqual(lines.at(-2), ['e', 7])
  assert.deepEqual(lines[2], ['d', 3])
})

test('a quote that is not closed is told with its line', () => {
  assert.throws(() => texts('a;\nb "c;'), new MigrationError({ file: 'a', line: 2 }, 'a quote is not closed'))
})
