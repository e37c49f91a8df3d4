import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foundIn } from './found-in-claims.js'

test('a subject is a text that is there', () => {
  for (const sub of [undefined, '', 1, null, ['ada'], { name: 'ada' }])
    assert.equal(foundIn({ sub }, {}), null)
  assert.equal(foundIn({ sub: 'ada' }, {})?.subject, 'ada')
  assert.equal(
    foundIn({ sub: 'ada', user: { mail: 'a@b.test' } }, { subject: 'user.mail' })?.subject,
    'a@b.test'
  )
  assert.equal(foundIn({ sub: 'ada' }, { subject: 'user.mail' }), null)
})

test('scopes are those of scope, else of scp: a text with spaces, or a list of texts', () => {
  for (const [claims, scopes] of [
    [{}, []],
    [{ scope: '' }, []],
    [{ scope: ' read  write ' }, ['read', 'write']],
    [{ scope: ['read', 1, null, '', 'write'] }, ['read', 'write']],
    [{ scp: 'read write' }, ['read', 'write']],
    [{ scp: ['read'] }, ['read']],
    [{ scope: 'read', scp: 'write' }, ['read']],
    [{ scope: { read: true } }, []],
    [{ scope: 7 }, []]
  ] as const)
    assert.deepEqual(foundIn({ sub: 'ada', ...claims }, {})?.scopes, scopes, JSON.stringify(claims))
})

test('roles and the consumer are those of the claims that are named, by a path with dots too', () => {
  const claims = { sub: 'ada', roles: ['a'], realm_access: { roles: ['b', 2, '', 'c'] }, azp: 'shop', n: 1 }
  const of = (names: object) => {
    const { roles, consumer } = foundIn(claims, names) ?? {}
    return [roles, consumer]
  }
  assert.deepEqual(of({}), [[], undefined])
  assert.deepEqual(of({ roles: 'roles', consumer: 'azp' }), [['a'], 'shop'])
  assert.deepEqual(of({ roles: 'realm_access.roles', consumer: 'n' }), [['b', 'c'], null])
  assert.deepEqual(of({ roles: 'azp', consumer: 'none' }), [['shop'], null])
  assert.deepEqual(of({ roles: 'n' }), [[], undefined])
})
