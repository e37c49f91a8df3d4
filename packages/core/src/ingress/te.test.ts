import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takesTrailers } from './te.js'

for (const [te, takes] of [
  ['trailers', true],
  ['Trailers', true],
  ['gzip, trailers', true],
  ['trailers;q=0.5, gzip', true],
  ['trailers ; q=1', true],
  ['trailers;q=0', false],
  ['trailers; q=0.000', false],
  ['trailers;q=0, gzip;q=1', false],
  ['trailersx', false],
  ['x-trailers', false],
  ['gzip;trailers', false],
  ['', false]
] as const)
  test(`TE: ${te} ${takes ? 'asks for' : 'does not ask for'} trailers`, () => {
    assert.equal(takesTrailers(te), takes)
  })
