import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RawResponse } from '@gatewright/testing'
import { transformed } from '../support/transformed.js'

const own = ({ headers }: RawResponse): string[] =>
  headers
    .filter(([name]) => /^(?:x-(?!request-id)|server|set-cookie|vary)/.test(name))
    .map((field) => field.join(': '))

test('fields of an upstream’s answer are dropped, renamed, set and appended', async (t) => {
  const { answered } = await transformed(t, {
    response: {
      headers: {
        remove: ['Server', 'x-internal-*'],
        rename: { 'x-old': 'x-new' },
        set: { 'x-route': '{route} {params.id}', 'x-none': '{query.none}' },
        setIfAbsent: { 'x-a': 'b', 'x-c': 'd' },
        append: { vary: 'origin', 'set-cookie': 'seen={params.id}' }
      }
    }
  })
  const response = await answered({
    headers: [
      ['Server', 'secret/1.0'],
      ['X-Internal-Host', 'db'],
      ['X-Old', '1'],
      ['X-Old', '2'],
      ['x-new', 'theirs'],
      ['x-none', 'theirs'],
      ['X-A', 'a'],
      ['vary', 'accept'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2']
    ]
  })
  assert.deepEqual(own(response).sort(), [
    'set-cookie: a=1',
    'set-cookie: b=2',
    'set-cookie: seen=7',
    'vary: accept',
    'vary: origin',
    'x-a: a',
    'x-c: d',
    'x-new: 1',
    'x-new: 2',
    'x-route: users 7'
  ])
})

test('of an upstream’s fields only some are kept; the gateway’s own stay', async (t) => {
  const { answered, send } = await transformed(t, {
    response: { headers: { keepOnly: ['etag', 'x-app-*'] } }
  })
  const response = await answered({
    headers: {
      'content-type': 'text/plain',
      etag: '"1"',
      'x-app-a': '1',
      'x-b': '2',
      date: 'x',
      server: 's'
    },
    body: 'body'
  })
  const names = response.headers.map(([name]) => name.toLowerCase()).sort()
  assert.deepEqual(names, [
    'connection',
    'content-length',
    'content-type',
    'date',
    'etag',
    'keep-alive',
    'x-app-a',
    'x-request-id'
  ])
  assert.notEqual(response.header('date'), 'x')
  assert.equal((await send('GET /nowhere')).header('content-type'), 'application/problem+json')
})

const WHEN = [
  ['always', [200, 302, 404, 503]],
  ['success', [200, 302]],
  ['error', [404, 503]],
  [404, [404]],
  ['4xx', [404]],
  ['300-404', [302, 404]],
  [
    ['2xx', '503'],
    [200, 503]
  ]
] as const

test('`when` says for which statuses', async (t) => {
  for (const [when, expected] of WHEN) {
    const { answered, gateway } = await transformed(t, {
      response: { headers: { when: typeof when === 'object' ? [...when] : when, set: { 'x-when': '1' } } }
    })
    const found: number[] = []
    for (const status of [200, 302, 404, 503]) {
      const response = await answered({ status })
      if (response.header('x-when') === '1') found.push(status)
    }
    assert.deepEqual(found, expected, String(when))
    await gateway.close()
  }
})

test('several changes are done in order, each for its own statuses', async (t) => {
  const { answered } = await transformed(t, {
    response: {
      headers: [
        { set: { 'x-cache': 'no-store' } },
        { when: 'success', set: { 'x-cache': 'public' } },
        { when: 'error', rename: { 'x-cache': 'x-error-cache' } }
      ]
    }
  })
  assert.deepEqual(own(await answered({ status: 201 })), ['x-cache: public'])
  assert.deepEqual(own(await answered({ status: 500 })), ['x-error-cache: no-store'])
})

test('answers of the gateway’s own are changed too, once, and keep what only upstreams’ would lose', async (t) => {
  const { send, upstream } = await transformed(
    t,
    {
      response: {
        headers: {
          keepOnly: ['x-app'],
          set: { 'x-own': '{status} {endpoint|none}', 'x-host': '{endpoint}' },
          append: { 'x-list': 'a' },
          remove: ['cache-control']
        }
      }
    },
    {},
    ({ url }) => ({
      routes: [
        { id: 'dead', path: '/users/:id', pool: 'dead', transform: { response: { headers: OWN } } },
        {
          id: 'text',
          path: '/text',
          respond: { body: 'hi', headers: { 'x-app': '1', 'x-other': '2' } },
          transform: { response: { headers: OWN } }
        },
        { id: 'moved', path: '/moved', redirect: { path: '/new' }, transform: { response: { headers: OWN } } }
      ],
      pools: { users: { endpoints: [url] }, dead: { endpoints: ['http://127.0.0.1:1'] } }
    })
  )
  const failed = await send('GET /users/7')
  assert.equal(failed.status, 502)
  assert.equal(failed.header('content-type'), 'application/problem+json')
  assert.equal(failed.header('cache-control'), undefined)
  assert.deepEqual(own(failed).sort(), ['x-list: a', 'x-own: 502 none'])
  const text = await send('GET /text')
  assert.deepEqual(
    [text.text, ...own(text).sort()],
    ['hi', 'x-app: 1', 'x-list: a', 'x-other: 2', 'x-own: 200 none']
  )
  const moved = await send('GET /moved')
  assert.deepEqual(
    [moved.status, moved.header('location'), moved.header('x-own')],
    [302, 'http://gateway.test/new', '302 none']
  )
  assert.equal(upstream.requests.length, 0)
})

const OWN = {
  keepOnly: ['x-app'],
  set: { 'x-own': '{status} {endpoint|none}', 'x-host': '{endpoint}' },
  append: { 'x-list': 'a' },
  remove: ['cache-control']
}

test('with retries it is the last answer that is changed, and the endpoint is that of it', async (t) => {
  const { answered, upstream, url } = await transformed(
    t,
    { response: { headers: { set: { 'x-from': '{pool} {endpoint}' }, append: { 'x-list': 'gateway' } } } },
    { retry: { attempts: 3, backoff: { base: '1ms' } } }
  )
  upstream.next({ status: 503, headers: { 'x-list': 'first' } })
  const response = await answered({ headers: { 'x-list': 'second' } })
  assert.equal(upstream.requests.length, 2)
  assert.deepEqual(own(response).sort(), [
    `x-from: users ${new URL(upstream.url).host}`,
    'x-list: gateway',
    'x-list: second'
  ])
  assert.ok(url)
})

test('after a fallback the pool and the endpoint are those that have answered', async (t) => {
  const { send, upstream } = await transformed(t, {}, {}, ({ url }) => ({
    pools: { dead: { endpoints: ['http://127.0.0.1:1'] }, spare: { endpoints: [url] } },
    routes: [
      {
        path: '/*',
        pool: 'dead',
        fallback: { pool: 'spare' },
        transform: {
          request: { headers: { set: { 'x-pool': '{pool}' } } },
          response: { headers: { set: { 'x-pool': '{pool} {endpoint}' } } }
        }
      }
    ]
  }))
  const response = await send('GET /')
  assert.equal(response.header('x-pool'), `spare ${new URL(upstream.url).host}`)
  assert.equal(upstream.requests[0]?.header('x-pool'), 'spare')
})

test('hooks see what a transform has made, and have the last word', async (t) => {
  const seen: unknown[] = []
  const { answered } = await transformed(
    t,
    { response: { headers: { set: { 'x-a': 'transform', 'x-b': 'transform' }, remove: ['x-c'] } } },
    {
      hooks: {
        async onSend(_request, reply) {
          seen.push(reply.getHeader('x-a'), reply.getHeader('x-c'))
          reply.header('x-b', 'hook').header('x-c', 'hook')
        }
      }
    }
  )
  assert.deepEqual(own(await answered({ headers: { 'x-c': 'theirs' } })).sort(), [
    'x-a: transform',
    'x-b: hook',
    'x-c: hook'
  ])
  assert.deepEqual(seen, ['transform', undefined])
})

test('bodies stream on, and trailers follow', async (t) => {
  const { answered } = await transformed(t, {
    response: { headers: { set: { 'x-a': '1' }, remove: ['x-trailer'] } }
  })
  const response = await answered(
    {
      headers: { trailer: 'x-trailer' },
      body: ['a', 'b'],
      framing: 'chunked',
      trailers: { 'x-trailer': 'end' }
    },
    'GET /users/7',
    'te: trailers'
  )
  assert.deepEqual([response.text, response.header('x-a'), response.framing], ['ab', '1', 'chunked'])
  assert.deepEqual(response.trailers, [['x-trailer', 'end']])
})

test('names that objects have of their own are names like others', async (t) => {
  const { answered, seen } = await transformed(
    t,
    {
      request: { headers: { rename: { constructor: 'x-c' }, remove: ['__proto__'] } },
      response: { headers: { remove: ['__proto__'], rename: { constructor: 'x-c', tostring: 'x-t' } } }
    },
    {},
    () => ({ underscores: 'keep' })
  )
  const response = await answered({
    headers: [
      ['__proto__', '1'],
      ['constructor', '2'],
      ['x-d', '3']
    ]
  })
  assert.deepEqual(own(response).sort(), ['x-c: 2', 'x-d: 3'])
  assert.equal(response.header('__proto__'), undefined)
  const request = await seen('GET /users/7', '__proto__: 1', 'constructor: 2')
  assert.deepEqual([request.header('__proto__'), request.header('x-c')], [undefined, '2'])
})
