import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIZE_PATTERN, sizeBytes } from './size.js'

const SIZES: readonly [text: string, bytes: number][] = [
  ['0B', 0],
  ['512B', 512],
  ['64KiB', 65_536],
  ['1.5KiB', 1_536],
  ['1MiB', 1_048_576],
  ['2GiB', 2_147_483_648]
]

test('a size is a number and a unit', () => {
  for (const [text, bytes] of SIZES) {
    assert.equal(sizeBytes(text), bytes, text)
    assert.match(text, new RegExp(SIZE_PATTERN))
  }
})

test('anything else is not a size, for the schema neither', () => {
  for (const text of [
    '',
    '5',
    'B',
    '-1B',
    '1 B',
    '1b',
    '1KB',
    '1MB',
    '1kib',
    '.5KiB',
    '1KiB ',
    '1e3B',
    '1KiB\n'
  ]) {
    assert.equal(sizeBytes(text), undefined, JSON.stringify(text))
    assert.doesNotMatch(text, new RegExp(SIZE_PATTERN))
  }
})
