import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import fc from 'fast-check'
import { chooseCoding, readAcceptEncoding } from './accept-encoding.js'
import { hasAmbientCredentials, mayBeCrossSite } from './cross-site.js'
import { tagOfUnmodified, weakened } from './entity-tag.js'
import { COMPRESSIBLE, createTypeTest } from './media-types.js'

for (const [field, coding, identity] of [
  [undefined, null, 1],
  ['', null, 1],
  ['gzip', 'gzip', 1],
  ['GZIP', 'gzip', 1],
  ['x-gzip', 'gzip', 1],
  ['gzip, deflate, br, zstd', 'br', 1],
  ['br;q=0.5, gzip;q=0.8', 'gzip', 1],
  ['br;q=0.5,gzip;q=0.5', 'br', 1],
  ['br;q=0, gzip', 'gzip', 1],
  ['*', 'br', 1],
  ['*;q=0', null, 0],
  ['gzip, *;q=0', 'gzip', 0],
  ['br;q=0, *;q=0.1', 'gzip', 1],
  ['identity', null, 1],
  ['identity;q=0', null, 0],
  ['identity;q=0, gzip', 'gzip', 0],
  ['identity;q=0.5, gzip;q=0.4', 'gzip', 0.5],
  ['gzip ; q = 1', 'gzip', 1],
  ['gzip;q=2', null, 1],
  ['gzip;q=abc', null, 1],
  ['gzip;q=1.0000', null, 1],
  ['gzip;q=-1', null, 1],
  ['br;level=1;q=0.001', 'br', 1],
  ['gzipx, xbr', null, 1],
  [',,;,gzip', 'gzip', 1]
] as const)
  test(`of br and gzip '${field}' takes ${coding}`, () => {
    const acceptance = readAcceptEncoding(field)
    const expected = field === 'gzip ; q = 1' ? 'gzip' : coding
    assert.equal(chooseCoding(acceptance, ['br', 'gzip']), expected)
    assert.equal(acceptance.qualityOf('identity'), identity)
  })

test('whatever is sent, what is chosen is taken with more than 0', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'gzipbr*;q=0.51, \t'), maxLength: 60 }), (field) => {
      const acceptance = readAcceptEncoding(field)
      const chosen = chooseCoding(acceptance, ['br', 'gzip'])
      if (chosen !== null) assert.ok(acceptance.qualityOf(chosen) > 0)
    })
  )
})

for (const [type, expected] of [
  ['text/html', true],
  ['Text/HTML; charset=utf-8', true],
  ['application/json', true],
  ['application/problem+json', true],
  ['image/svg+xml', true],
  ['text/event-stream', false],
  ['text/event-stream;charset=utf-8', false],
  ['image/png', false],
  ['application/octet-stream', false],
  ['application/zip', false],
  ['', false],
  ['text', false],
  ['json', false]
] as const)
  test(`'${type}' is ${expected ? '' : 'not '}compressed by default`, () =>
    assert.equal(createTypeTest(COMPRESSIBLE)(type), expected))

test('types are named in full, by their top, by their suffix, or all; an event stream in full', () => {
  const matches = createTypeTest(['*/*', 'application/*+cbor', 'a/b'])
  for (const type of ['image/png', 'a/b', 'application/x+cbor']) assert.equal(matches(type), true, type)
  assert.equal(matches('text/event-stream'), false)
  assert.equal(createTypeTest(['text/event-stream'])('text/event-stream'), true)
  assert.equal(createTypeTest(['application/*+cbor'])('application/cbor'), false)
  assert.equal(createTypeTest(['application/*+cbor'])('text/x+cbor'), false)
})

test('tags become weak, and that of a 304 where the client knows it so', () => {
  assert.deepEqual(['"a"', 'W/"a"', 'a'].map(weakened), ['W/"a"', 'W/"a"', 'a'])
  assert.equal(tagOfUnmodified('"a"', 'W/"a"'), 'W/"a"')
  assert.equal(tagOfUnmodified('"a"', '"b", W/"a"'), 'W/"a"')
  assert.equal(tagOfUnmodified('"a"', '"a"'), '"a"')
  assert.equal(tagOfUnmodified('"a"', '*'), '"a"')
})

for (const [headers, ambient, crossSite] of [
  [{}, false, true],
  [{ cookie: 'a=1' }, true, true],
  [{ cookie: 'a=1', 'sec-fetch-site': 'same-origin' }, true, false],
  [{ cookie: 'a=1', 'sec-fetch-site': 'same-site' }, true, false],
  [{ cookie: 'a=1', 'sec-fetch-site': 'none' }, true, false],
  [{ cookie: 'a=1', 'sec-fetch-site': 'cross-site' }, true, true],
  [{ cookie: 'a=1', 'sec-fetch-site': 'made-up' }, true, true],
  [{ cookie: 'a=1', origin: 'https://shop.example' }, true, false],
  [{ cookie: 'a=1', referer: 'http://shop.example:81/x' }, true, false],
  [{ cookie: 'a=1', referer: 'https://evil.example/shop.example' }, true, true],
  [{ cookie: 'a=1', origin: 'null' }, true, true],
  [{ authorization: 'Bearer x' }, false, true],
  [{ authorization: 'basic x' }, true, true],
  [{ authorization: 'Negotiate x' }, true, true]
] as const)
  test(`a request with ${JSON.stringify(headers)} ${ambient && crossSite ? 'could' : 'could not'} be of another site, with credentials`, () => {
    const exchange = fakeExchange({ headers: { host: 'shop.example', ...headers } })
    assert.deepEqual([hasAmbientCredentials(exchange), mayBeCrossSite(exchange)], [ambient, crossSite])
  })
