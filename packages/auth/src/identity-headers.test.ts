import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import fc from 'fast-check'
import { ConsumerTable } from './consumers.js'
import type { Found } from './found.js'
import { checkIdentityHeaders, IdentityHeaders } from './identity-headers.js'

function told(source: string, found: Partial<Found>): string | null | undefined {
  const exchange = fakeExchange()
  const identity = new ConsumerTable().identify('s', { subject: 'x', ...found })
  new IdentityHeaders({ 'X-It': source }).set(exchange, identity)
  return exchange.upstreamHeaders?.get('x-it')
}

test('a header says what its source is, and is not there where there is nothing to say', () => {
  for (const [source, found, expected] of [
    ['subject', { subject: 'ada' }, 'ada'],
    ['scheme', {}, 's'],
    ['consumer', {}, undefined],
    ['consumer', { consumer: 'acme' }, 'acme'],
    ['scopes', { scopes: ['a', 'b c'] }, 'a b%20c'],
    ['scopes', {}, undefined],
    ['roles', { roles: ['a', 'b,c', 'é'] }, 'a,b%2Cc,%C3%A9'],
    ['claims.plan', { claims: { plan: 'gold' } }, 'gold'],
    ['claims.plan', { claims: {} }, undefined],
    ['claims.n', { claims: { n: 5 } }, '5'],
    ['claims.on', { claims: { on: false } }, 'false'],
    ['claims.org.id', { claims: { org: { id: 'x' } } }, 'x'],
    ['claims.https://a.b/c', { claims: { 'https://a.b/c': 'x' } }, 'x'],
    ['claims.org', { claims: { org: { id: 'x' } } }, '{"id":"x"}'],
    ['claims.constructor', { claims: {} }, undefined],
    ['claims.__proto__', { claims: {} }, undefined],
    ['metadata.a', { metadata: { a: ['x', 1] } }, 'x,1'],
    ['subject', { subject: 'a\r\nx-admin: 1' }, 'a%0D%0Ax-admin: 1'],
    ['subject', { subject: '\u{1f600}' }, '%F0%9F%98%80'],
    ['subject', { subject: ' a ' }, '%20a%20'],
    ['subject', { subject: 'a%20b' }, 'a%2520b'],
    ['subject', { subject: '\ud800' }, '%EF%BF%BD']
  ] as const)
    assert.equal(told(source, found), expected, `${source} ${JSON.stringify(found)}`)
})

test('whatever a claim holds, the header is one line, and two different texts never look the same', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const [one, other] = [told('claims.a', { claims: { a } }), told('claims.a', { claims: { a: b } })]
      if (a !== '') assert.match(String(one), /^[ -~]+$/)
      assert.equal(one === other, a === b)
    }),
    { seed: 7 }
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), fc.array(text, { minLength: 1 }), (a, b) => {
      const [one, other] = [told('roles', { roles: a }), told('roles', { roles: b })]
      assert.equal(one === other, JSON.stringify(a) === JSON.stringify(b))
    }),
    { seed: 7 }
  )
})

test('names that say something else, and sources that there are not, are problems', () => {
  for (const [name, source] of [
    ['x_user', 'subject'],
    ['x user', 'subject'],
    ['Cookie', 'subject'],
    ['content-type', 'subject'],
    ['x-forwarded-host', 'subject'],
    ['x-user', 'sub'],
    ['x-user', 'claims.'],
    ['x-user', 'claim.sub']
  ] as const)
    assert.equal([...checkIdentityHeaders({ [name]: source }, 'at')].length, 1, `${name}: ${source}`)
  assert.deepEqual([...checkIdentityHeaders({ 'X-User': 'subject', authorization: 'claims.a.b' }, 'at')], [])
})
