import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownFields, transformed } from '../support/transformed.js'

test('a request header is set, and the client cannot send its own', async (t) => {
  const { seen } = await transformed(t, { request: { headers: { set: { 'X-User': 'u-{params.id}' } } } })
  assert.deepEqual(ownFields(await seen('GET /users/7', 'x-user: admin', 'X-USER: root')), ['x-user: u-7'])
})

test('where a template has no value the client’s own field is dropped all the same', async (t) => {
  const { seen } = await transformed(t, { request: { headers: { set: { 'x-user': '{identity.subject}' } } } })
  assert.deepEqual(ownFields(await seen('GET /users/7', 'x-user: admin')), [])
})

test('fields are dropped by name and by beginning, renamed, set where they are absent, and appended', async (t) => {
  const { seen } = await transformed(t, {
    request: {
      headers: {
        remove: ['x-secret', 'x-internal-*'],
        rename: { 'x-old': 'x-new' },
        setIfAbsent: { 'x-lang': '{query.lang|en}' },
        append: { 'x-hops': 'gateway' }
      }
    }
  })
  const sent = [
    'x-secret: 1',
    'X-Internal-Role: admin',
    'x-kept: 2',
    'x-old: 3',
    'x-new: forged',
    'x-hops: a'
  ]
  assert.deepEqual(ownFields(await seen('GET /users/7?lang=de', ...sent)), [
    'x-kept: 2',
    'x-new: 3',
    'x-hops: a',
    'x-lang: de',
    'x-hops: gateway'
  ])
  assert.deepEqual(ownFields(await seen('GET /users/7', 'x-new: forged', 'x-lang: fr')), [
    'x-lang: fr',
    'x-hops: gateway'
  ])
})

test('of the client’s fields only some are kept, and what the gateway writes itself stays', async (t) => {
  const { seen } = await transformed(t, { request: { headers: { keepOnly: ['accept', 'x-app-*'] } } })
  const { headers } = await seen(
    'POST /users/7',
    'Accept: a/b',
    'X-App-Id: 1',
    'x-other: 2',
    'user-agent: curl',
    'content-type: text/plain',
    'content-length: 0'
  )
  assert.deepEqual(headers.map(([name]) => name.toLowerCase()).sort(), [
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'x-app-id',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-request-id'
  ])
})

test('a spelling with underscores does not get by', async (t) => {
  const { seen } = await transformed(
    t,
    { request: { headers: { set: { 'x-user': 'u' }, remove: ['x-role'], rename: { 'x-a': 'x-b' } } } },
    {},
    () => ({ underscores: 'keep' })
  )
  const forged = ['X_User: admin', 'x_role: admin', 'x_a: 1', 'X-B: 2', 'x_b: 3', 'x_fine: 4']
  assert.deepEqual(ownFields(await seen('GET /users/7', ...forged)), ['x_fine: 4', 'x-user: u'])
})

test('a cookie is appended to the one Cookie field, and is one cookie whatever the client says', async (t) => {
  const { seen } = await transformed(t, {
    request: { headers: { append: { cookie: 'lang={query.lang|en}' } } }
  })
  assert.deepEqual((await seen('GET /users/7', 'cookie: a=1')).headerAll('cookie'), ['a=1; lang=en'])
  assert.deepEqual((await seen('GET /users/7?lang=x%3B%20admin%3D1')).headerAll('cookie'), [
    'lang=x%3B%20admin%3D1'
  ])
})

test('what a hook sets goes before what a transform sets, and can be read by it', async (t) => {
  const { seen } = await transformed(
    t,
    { request: { headers: { set: { 'x-user': 'transform', 'x-copy': '{headers.x-tenant}' } } } },
    {
      hooks: {
        async onRequest({ exchange }) {
          exchange?.forwardHeader('x-user', 'hook')
          exchange?.forwardHeader('x-tenant', 'acme')
        }
      }
    }
  )
  assert.deepEqual(ownFields(await seen('GET /users/7', 'x-tenant: forged')).sort(), [
    'x-copy: acme',
    'x-tenant: acme',
    'x-user: hook'
  ])
})

test('Host is what the template makes, where it makes a host', async (t) => {
  const { seen } = await transformed(t, { request: { host: '{query.tenant}.example.com:8080' } })
  assert.equal((await seen('GET /users/7?tenant=acme')).header('host'), 'acme.example.com:8080')
  const usual = (await seen('GET /users/7')).header('host')
  assert.match(String(usual), /^127\.0\.0\.1:\d+$/)
  for (const bad of ['a%20b', 'a/b', 'a@b', 'a,b', 'a%0d%0ab', '%00'])
    assert.deepEqual((await seen(`GET /users/7?tenant=${bad}`)).headerAll('host'), [usual], bad)
})

test('the top’s transform comes first, then the route’s; a policy’s is replaced by it, and false switches off', async (t) => {
  const set = (value: string) => ({ request: { headers: { set: { 'x-from': value, [`x-${value}`]: '1' } } } })
  const upstreamOf = await transformed(t, set('route'), {}, ({ url }) => ({
    pools: { users: { endpoints: [url] } },
    transform: set('top'),
    policies: { inner: { transform: set('policy') } },
    routes: [
      { id: 'both', path: '/both', pool: 'users', use: ['inner'] },
      { id: 'own', path: '/own', pool: 'users', use: ['inner'], transform: set('route') },
      { id: 'off', path: '/off', pool: 'users', use: ['inner'], transform: false }
    ]
  }))
  const { seen } = upstreamOf
  assert.deepEqual(ownFields(await seen('GET /both')), ['x-top: 1', 'x-from: policy', 'x-policy: 1'])
  assert.deepEqual(ownFields(await seen('GET /own')), ['x-top: 1', 'x-from: route', 'x-route: 1'])
  assert.deepEqual(ownFields(await seen('GET /off', 'x-from: client')), ['x-from: client'])
})
