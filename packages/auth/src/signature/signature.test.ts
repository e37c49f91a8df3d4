import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import { isDigestOf } from './content-digest.js'
import { Replays } from './replays.js'
import { signatureBase } from './signature-base.js'
import { parseSignatureInput, type SignatureInput, signatureIn } from './signature-input.js'

test('the example of RFC 9421, appendix B.2.5, is verified', () => {
  const secret = Buffer.from(
    'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
    'base64'
  )
  const exchange = fakeExchange({
    method: 'POST',
    path: '/foo',
    query: '?param=Value&Pet=dog',
    headers: {
      host: 'example.com',
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json'
    }
  })
  const input = parseSignatureInput(
    'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
  ) as SignatureInput
  const base = signatureBase(exchange, input)
  const signature = signatureIn('sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:', 'sig-b25')
  assert.deepEqual(
    createHmac('sha256', secret)
      .update(base as string)
      .digest(),
    signature
  )
})

test('what a signature says is read, and anything else refused', () => {
  const read = (text: string): unknown => parseSignatureInput(text)
  assert.deepEqual(
    read('s=("@method" "a");created=5;keyid="k";expires=9;nonce="x y";tag="t";alg="hmac-sha256"'),
    {
      label: 's',
      components: ['@method', 'a'],
      params: '("@method" "a");created=5;keyid="k";expires=9;nonce="x y";tag="t";alg="hmac-sha256"',
      keyId: 'k',
      created: 5,
      expires: 9
    }
  )
  for (const wrong of [
    '',
    's',
    's=()',
    's=("a")',
    's=("a");keyid="k"',
    's=("a");created=5',
    's=("a");created="5";keyid="k"',
    's=("a");created=5;keyid="k";alg="none"',
    's=("a");created=5;keyid="k";alg="rsa-pss-sha512"',
    's=("a");created=5;keyid="k";keyid="l"',
    's=("a");created=5;keyid="k";expires="9"',
    's=("a" "a");created=5;keyid="k"',
    's=("a"  "b");created=5;keyid="k"',
    's=("a";sf);created=5;keyid="k"',
    's=("a");created=5;keyid="k", t=("b");created=5;keyid="k"',
    's=("a);created=5;keyid="k"',
    's=("a"',
    `s=(${'"a" '.repeat(2_000)}`,
    's=("a");created=5;keyid="k";__proto__="x"'
  ])
    assert.equal(typeof read(wrong), 'string', wrong.slice(0, 80))
  for (const [field, label] of [
    ['s=:AAAA:', 's'],
    [`s=:$'A'.repeat(43)=:`, 't'],
    [`s=:$'A'.repeat(43)=:, t=:$'A'.repeat(43)=:`, 's'],
    ['', 's']
  ] as const)
    assert.equal(signatureIn(field, label), null, field)
})

test('a digest is of one body, and one that is not known is none', () => {
  const body = Buffer.from('{"hello": "world"}')
  const sha256 = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'
  const sha512 =
    'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:'
  for (const [field, right] of [
    [sha256, true],
    [sha512, true],
    [`${sha256}, ${sha512}`, true],
    [`md5=:AAAA:, ${sha256}`, true],
    [sha256.replace('X48E', 'Y48E'), false],
    [`${sha256}, ${sha512.replace('WZDP', 'XZDP')}`, false],
    ['md5=:AAAA:', false],
    ['', false]
  ] as const)
    assert.equal(isDigestOf(field, body), right, field)
})

test('a signature is taken once in its time, and none is forgotten for another', () => {
  const time = { now: 0 }
  const replays = new Replays(() => time.now)
  replays.use(3)
  assert.deepEqual(
    [replays.take('a', 10), replays.take('a', 10), replays.take('b', 10)],
    ['taken', 'replayed', 'taken']
  )
  assert.deepEqual(
    [replays.take('c', 10), replays.take('d', 10), replays.take('a', 10)],
    ['taken', 'full', 'replayed']
  )
  time.now = 10
  assert.deepEqual([replays.take('d', 10), replays.take('a', 10)], ['taken', 'taken'])
  time.now = 20
  for (let n = 0; n < 1_000; n++) {
    time.now += 10
    assert.equal(replays.take(String(n), 10), 'taken')
  }
  assert.ok(replays.size <= 3)
})
