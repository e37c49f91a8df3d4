import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransformConfig } from '@gatewright/gateway'
import { transformed } from '../support/transformed.js'

type Query = NonNullable<NonNullable<Exclude<TransformConfig, false>['request']>['query']>

const cases: readonly (readonly [query: Query, from: string, to: string])[] = [
  [{ remove: ['debug'] }, '?a=1&debug=1&b=2', '?a=1&b=2'],
  [{ remove: ['debug'] }, '?debug', ''],
  [{ remove: ['debug'] }, '?%64ebug=1&d%65bug', ''],
  [{ remove: ['a b'] }, '?a+b=1&a%20b=2&a%2Bb=3', '?a%2Bb=3'],
  [{ remove: ['utm_*'] }, '?utm_source=x&q=1&UTM_x=2', '?q=1&UTM_x=2'],
  [{ remove: ['none'] }, '?a=%7e+%zz&&b==c&=d&e', '?a=%7e+%zz&&b==c&=d&e'],
  [{ remove: ['none'] }, '?', '?'],
  [{ remove: ['none'] }, '', ''],
  [{ keepOnly: ['q', 'page_*'] }, '?x=1&q=2&&page_no=3&q=4', '?q=2&page_no=3&q=4'],
  [{ rename: { q: 'query' } }, '?a=1&q=x%20y&q&query=forged', '?a=1&query=x%20y&query'],
  [{ rename: { q: 'query' } }, '?query=forged', ''],
  [{ set: { id: '{params.id}' } }, '?a=1&id=2&b=3&id=4', '?a=1&id=7&b=3'],
  [{ set: { id: '{params.id}' } }, '?%69d=2', '?id=7'],
  [{ set: { id: '{params.id}' } }, '', '?id=7'],
  [{ set: { id: '{identity.subject}' } }, '?id=forged&a=1', '?a=1'],
  [{ set: { a: 'x y&z=1#%' } }, '', '?a=x%20y%26z%3D1%23%25'],
  [{ set: { a: '' } }, '?a=1', '?a='],
  [{ set: { 'ü&': 'ß' } }, '', '?%C3%BC%26=%C3%9F'],
  [{ set: { b: '{query.a}' } }, '?a=1%26c%3D2%0D%0A%00', '?a=1%26c%3D2%0D%0A%00&b=1%26c%3D2%0D%0A%00'],
  [{ set: { __proto__x: '1', constructor: '2' } }, '?constructor=9', '?constructor=2&__proto__x=1'],
  [{ setIfAbsent: { lang: 'en' } }, '?lang', '?lang'],
  [{ setIfAbsent: { lang: 'en' } }, '?a', '?a&lang=en'],
  [{ setIfAbsent: { b: '1' }, rename: { a: 'b' } }, '?a=2', '?b=2'],
  [{ append: { tag: '{method}' } }, '?tag=a', '?tag=a&tag=GET'],
  [{ append: { tag: '{query.none}' } }, '?a', '?a'],
  [{ remove: ['a'], set: { b: '1' }, keepOnly: ['a', 'c'] }, '?a=1&b=2&c=3', '?c=3&b=1']
]

for (const [query, from, to] of cases)
  test(`${JSON.stringify(query)} makes '${to}' of '${from}'`, async (t) => {
    const { seen } = await transformed(t, { request: { query } })
    assert.equal((await seen(`GET /users/7${from}`)).target, `/users/7${to}`)
  })

test('the endpoint’s own query comes first, and is nobody else’s to change', async (t) => {
  const { seen } = await transformed(
    t,
    { request: { query: { remove: ['key'], set: { a: '1' } } } },
    {},
    ({ url }) => ({ pools: { users: { endpoints: [`${url}/?key=secret`] } } })
  )
  assert.equal((await seen('GET /users/7?key=client')).target, '/users/7?key=secret&a=1')
})

test('`explain` shows the query that the upstream would get', async (t) => {
  const { gateway } = await transformed(t, {
    request: { query: { remove: ['debug'], set: { id: '{params.id}', who: '{headers.x-who}' } } }
  })
  const { upstreamUrl, steps } = gateway.app.gateway.explain({
    url: '/users/7?debug=1',
    headers: { 'X-Who': 'me' }
  })
  assert.match(String(upstreamUrl), /\/users\/7\?id=7&who=me$/)
  assert.deepEqual(steps, ['request: transform query (remove debug; set id, who)'])
})
