import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoted, thousandths } from './text.js'

test('a number is rounded to three places, without zeros at its end', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.0004, '0'],
    [0.0005, '0.001'],
    [0.01, '0.01'],
    [1.5, '1.5'],
    [9.9996, '10'],
    [123.456_789, '123.457'],
    [86_400_000.001, '86400000.001'],
    [-0.002, '0']
  ]
  for (const [value, text] of cases) assert.equal(thousandths(value), text, String(value))
})

test('every thousandth reads as the number it is', () => {
  for (let count = 0; count < 20_000; count++) assert.equal(Number(thousandths(count / 1_000)), count / 1_000)
})

test('text is a JSON string, shortened and without control characters', () => {
  for (const text of ['', 'plain', 'a "b" \\c', 'é ☃ 😀']) assert.equal(JSON.parse(quoted(text)), text)
  assert.equal(JSON.parse(quoted('a\u001b[2J\nb')), 'a\ufffd[2J\ufffdb')
  assert.equal(JSON.parse(quoted('x'.repeat(5_000))).length, 2_048)
})

test('every character of ASCII is quoted as JSON has it, alone and between others', () => {
  for (let code = 0x20; code < 0x7f; code++) {
    const character = String.fromCharCode(code)
    for (const text of [character, `a${character}`, `${character}b`])
      assert.equal(quoted(text), JSON.stringify(text), `character ${code}`)
  }
  for (const code of [0x00, 0x0a, 0x1f, 0x7f, 0x85, 0x9b])
    assert.equal(quoted(String.fromCharCode(code)), '"\ufffd"', `character ${code}`)
})
