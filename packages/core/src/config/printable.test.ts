import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable } from './printable.js'

for (const [name, text, clean] of [
  ['plain text', 'GET /a?b=c "d" \\', 'GET /a?b=c "d" \\'],
  ['letters of any language', 'grüße, 你好 🙂', 'grüße, 你好 🙂'],
  ['line breaks', 'a\r\nb\x85c\u2028d', 'a\ufffd\ufffdb\ufffdc\ufffdd'],
  ['escape sequences', '\x1b[31mred\x9b0m', '\ufffd[31mred\ufffd0m'],
  ['NUL, backspace and DEL', '\0\b\x7f', '\ufffd\ufffd\ufffd'],
  ['changes of direction', 'a\u202eb\u2066c\u200fd\u061c', 'a\ufffdb\ufffdc\ufffdd\ufffd']
] as const)
  test(`printable: ${name}`, () => {
    assert.equal(printable(text), clean)
  })

test('printable text has a limit', () => {
  assert.equal(printable('abcdef', 4), 'abc…')
  assert.equal(printable('abcd', 4), 'abcd')
  assert.equal(printable('a'.repeat(5_000)).length, 2_048)
})
