import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MtlsSchemeConfig } from '../config/config.js'
import { alternativeNames, certificateOf } from './certificate.js'
import { checkMtls, foundIn } from './rules.js'

const PRINT = 'AA'.repeat(32)

const certificate = (subjectaltname: string, subject: object = {}) =>
  certificateOf({
    subject,
    subjectaltname,
    fingerprint256: PRINT.replaceAll(/(..)(?=.)/g, '$1:'),
    valid_to: 'Jan  1 00:00:00 2120 GMT'
  } as never)

test('alternative names are read as they are written, and none can be smuggled in by another', () => {
  for (const [text, names] of [
    [
      'DNS:a.test, URI:spiffe://x/y, email:a@b.test, IP Address:10.0.0.1',
      [
        ['DNS', 'a.test'],
        ['URI', 'spiffe://x/y'],
        ['email', 'a@b.test'],
        ['IP Address', '10.0.0.1']
      ]
    ],
    ['URI:"http://a/, DNS:admin.test"', [['URI', 'http://a/, DNS:admin.test']]],
    ['DNS:"a\\u0000b"', [['DNS', 'a\0b']]],
    ['DNS:"unended, DNS:admin.test', []],
    ['DNS:a"b, DNS:admin.test', []],
    ['garbage', []],
    ['', []]
  ] as const)
    assert.deepEqual(alternativeNames(text), names, text)
})

test('a certificate is of its alternative name, its common name or its fingerprint; of several it cannot be told', () => {
  for (const [names, subject, identify, expected] of [
    ['URI:spiffe://a/b, DNS:c.test', { CN: 'd' }, 'name', 'spiffe://a/b'],
    ['DNS:c.test', { CN: 'd' }, 'name', 'c.test'],
    ['', { CN: 'd' }, 'name', 'd'],
    ['', { CN: ['d', 'e'] }, 'name', null],
    ['', {}, 'name', null],
    ['URI:a, URI:b', {}, 'uri', null],
    ['DNS:c.test', { CN: 'd' }, 'cn', 'd'],
    ['DNS:c.test', {}, 'email', null],
    ['', {}, 'fingerprint', PRINT.toLowerCase()]
  ] as const) {
    const found = foundIn(certificate(names, subject), { type: 'mtls', identify })
    assert.equal(typeof found === 'string' ? null : found.subject, expected, names)
  }
})

test('rules let certificates in by their names and fingerprints', () => {
  const spiffe = certificate('URI:spiffe://acme/billing, DNS:billing.acme.test', {
    CN: 'billing',
    O: 'Acme',
    OU: ['a', 'b']
  })
  for (const [rule, holds] of [
    [{ uri: 'spiffe://acme/*' }, true],
    [{ uri: 'spiffe://acme/' }, false],
    [{ uri: 'spiffe://acm/*' }, false],
    [{ dns: '*.acme.test' }, true],
    [{ dns: '*.acme.test', uri: 'x' }, false],
    [{ dns: 'billing.acme.test', cn: 'billing', organization: 'Acme', unit: 'b' }, true],
    [{ unit: 'c' }, false],
    [{ fingerprint: PRINT }, true],
    [{ fingerprint: PRINT.toLowerCase().replace('aa', 'ab') }, false],
    [{ email: '*' }, false]
  ] as const) {
    const found = foundIn(spiffe, { type: 'mtls', allow: [rule] } as MtlsSchemeConfig)
    assert.equal(typeof found !== 'string', holds, JSON.stringify(rule))
  }
  const first = {
    type: 'mtls',
    allow: [
      { cn: 'x', consumer: 'one' },
      { cn: 'billing', consumer: 'two', roles: ['r'] }
    ]
  } as MtlsSchemeConfig
  assert.deepEqual(foundIn(spiffe, first), {
    subject: 'spiffe://acme/billing',
    consumer: 'two',
    roles: ['r']
  })
})

test('rules that would let everybody in are problems', () => {
  for (const [rule, problem] of [
    [{ consumer: 'acme' }, /allow\[0\]: lets every certificate in/],
    [{ cn: '*' }, /allow\[0\]\.cn: '\*' is every name/],
    [{ cn: 'a*b' }, /allow\[0\]\.cn: a \* stands at the begin or the end only/],
    [{ cn: 'a', consumer: 'nobody' }, /allow\[0\]\.consumer: there is no consumer 'nobody'/]
  ] as const)
    assert.match(
      [...checkMtls({ type: 'mtls', allow: [rule] } as MtlsSchemeConfig, 'at', { acme: {} })].join(),
      problem
    )
})
