import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readableEncodings } from './accept-encoding.js'

const CASES: readonly (readonly [string, string])[] = [
  ['', 'identity'],
  ['gzip, deflate, br', 'gzip, deflate, br'],
  ['gzip;q=0.5, dcb, compress;q=1', 'gzip;q=0.5'],
  ['dcz', 'identity'],
  ['*', 'gzip'],
  ['*;q=0.3', 'gzip;q=0.3'],
  ['br, *;q=0', 'br, *;q=0'],
  ['GZIP', 'GZIP'],
  ['identity;q=0, compress', 'identity;q=0'],
  [',, gzip ,', 'gzip']
]

for (const [given, asked] of CASES)
  test(`of '${given}' the upstream is asked for '${asked}'`, () =>
    assert.equal(readableEncodings(given), asked))
