import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '@gatewright/testing'
import { ownFields, transformed } from '../support/transformed.js'

const SOURCES = [
  'params.id',
  'query.q',
  'headers.x-q',
  'cookies.q',
  'identity.subject',
  'identity.claims.a.b'
] as const

/** What would begin another field or line, as a client or an issuer may write it. */
const LINES = [
  '\r\nx-admin: 1',
  '\nx-admin: 1',
  '\rx-admin: 1',
  '\0',
  '\r\n\r\nGET /evil HTTP/1.1',
  '\r\n folded',
  'čx-admin',
  '\u0085',
  '\u2028x'
]

test('no value of any source begins a second field or line, in either direction', async (t) => {
  const set = Object.fromEntries(SOURCES.map((name, index) => [`x-${index}`, `<{${name}}>`]))
  const { send, upstream } = await transformed(
    t,
    {
      request: { headers: { set, append: { cookie: 'c={query.q}' } }, query: { set: { out: '{query.q}' } } },
      response: {
        headers: { set, append: { 'set-cookie': 'c={query.q}; HttpOnly', link: '<{path}?a={query.q}>' } }
      }
    },
    {
      hooks: {
        async onRequest({ exchange }) {
          const claims = Object.assign(Object.create(null), { a: { b: line } })
          Object.assign(exchange as object, {
            identity: {
              scheme: 's',
              subject: line,
              consumer: null,
              scopes: [],
              roles: [],
              claims,
              metadata: {}
            }
          })
        }
      }
    }
  )
  let line = ''
  for (line of LINES)
    for (const once of [encodeURIComponent, (text: string) => encodeURIComponent(encodeURIComponent(text))]) {
      const text = once(`a${line}`)
      const before = upstream.requests.length
      const response = await send(`GET /users/7?q=${text}`, `cookie: q=${text}`, `x-q: ${text}`)
      assert.equal(response.status, 200)
      const seen = upstream.requests[before]
      const written = [...(seen?.headers ?? []), ...response.headers]
      assert.ok(!written.some(([name]) => name === 'x-admin' || name === 'folded'), text)
      for (const [, value] of written) assert.doesNotMatch(value, /[\0\r\n]/)
      assert.equal(seen?.headerAll('cookie').length, 1)
      assert.match(String(seen?.header('cookie')), /; c=[\w%.-]*$/)
      assert.match(String(seen?.target), /^\/users\/7\?q=[^&]*&out=[\w%.-]*$/)
      assert.equal(upstream.requests.length, before + 1)
    }
})

test('a variable stays one part of a URL or a cookie', async (t) => {
  const { answered } = await transformed(t, {
    response: {
      headers: {
        set: { location: '{query.next}', link: '<{path}>', 'set-cookie': 'next={query.next}; HttpOnly' }
      }
    }
  })
  for (const next of [
    '//evil.example',
    'https://evil.example',
    '\\\\evil.example',
    'a; Domain=evil.example',
    '>; rel=x, <b'
  ]) {
    const response = await answered({ status: 302 }, `GET /users/7?next=${encodeURIComponent(next)}`)
    assert.match(String(response.header('location')), /^[\w%.-]+$/, next)
    assert.match(String(response.header('set-cookie')), /^next=[\w%.-]+; HttpOnly$/, next)
  }
})

test('a path in a Location leads to no other host', async (t) => {
  const { answered } = await transformed(
    t,
    { response: { headers: { set: { location: '{path}', link: '/{params.*}' } } } },
    { path: '/*' },
    () => ({ paths: { duplicateSlashes: 'keep' } })
  )
  const response = await answered({ status: 302 }, 'GET //evil.example/x')
  assert.deepEqual(
    [response.header('location'), response.header('link')],
    ['/evil.example/x', '/evil.example/x']
  )
})

test('whatever clients send, nothing but what is configured is added, and nothing is lost', async (t) => {
  const chance = seededChance(7)
  const { seen } = await transformed(t, {
    request: {
      headers: { set: { 'x-set': '{query.a}{headers.x-b|}' }, rename: { 'x-c': 'x-d' }, remove: ['x-e*'] },
      query: { remove: ['gone'], set: { b: '{query.a}' } }
    }
  })
  const any = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  for (let round = 0; round < 150; round++) {
    const pairs = Array.from(
      { length: Math.floor(chance() * 5) },
      () =>
        `${any(['a', 'b', 'gone', 'g%6fne', 'c', ''])}${any(['', '=', '=1', '=%0d%0ax', '=%ff', '=%zz', '==', '=%2526'])}`
    )
    const fields = Array.from(
      { length: Math.floor(chance() * 5) },
      () =>
        `${any(['x-b', 'X-C', 'x-d', 'x-e1', 'X-SET', 'x-z'])}: ${any(['1', 'é', 'a, b', '"', '\t', '%0d%0a'])}`
    )
    const query = pairs.length === 0 ? '' : `?${pairs.join('&')}`
    const request = await seen(`GET /users/7${query}`, ...fields)
    const names = ownFields(request).map((field) => (field.split(':')[0] as string).toLowerCase())
    assert.ok(
      names.every((name) => ['x-b', 'x-d', 'x-set', 'x-z'].includes(name)),
      String(names)
    )
    assert.ok(names.filter((name) => name === 'x-set').length <= 1)
    const others = pairs.filter((pair) => !/^(?:b|gone|g%6fne)(?:=|$)/.test(pair))
    const kept = request.target.split('?')[1]?.split('&') ?? []
    assert.deepEqual(
      kept.filter((pair) => !/^b(?:=|$)/.test(pair)),
      others,
      query
    )
  }
})
