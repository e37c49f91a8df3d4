import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteConfig, TransformConfig } from '@gatewright/gateway'
import { transformed } from '../support/transformed.js'

type Rewrite = NonNullable<RouteConfig['rewrite']>

const LOCATION: TransformConfig = { response: { location: true, cookies: true } }

type Case = readonly [
  path: string,
  rewrite: Rewrite | null,
  base: string,
  asked: string,
  pairs: readonly (readonly [theirs: string, ours: string])[]
]

/** Route, rewrite, base path, request; then what the upstream says and what the client gets. */
const REWRITES: readonly Case[] = [
  [
    '/*',
    null,
    '',
    '/a',
    [
      ['/b', '/b'],
      ['b', 'b'],
      ['?q', '?q'],
      ['#f', '#f'],
      ['', '']
    ]
  ],
  [
    '/*',
    null,
    '/base',
    '/a/b',
    [
      ['/base/c', '/c'],
      ['/base', '/'],
      ['/bases', '/bases'],
      ['c', 'c']
    ]
  ],
  [
    '/api/*',
    { stripPrefix: true },
    '',
    '/api/a',
    [
      ['/b?x#y', '/api/b?x#y'],
      ['/', '/api/'],
      ['//evil.example/', '//evil.example/']
    ]
  ],
  ['/t/:tenant/*', { stripPrefix: true }, '', '/t/acme/a', [['/b', '/t/acme/b']]],
  [
    '/api/*',
    { stripPrefix: '/api', addPrefix: '/v1' },
    '/base',
    '/api/a',
    [
      ['/base/v1/b', '/api/b'],
      ['/v1/b', '/v1/b'],
      ['/base/v1//evil.example/x', '/api//evil.example/x']
    ]
  ],
  [
    '/*',
    { addPrefix: '/v1' },
    '',
    '/a',
    [
      ['/v1/b', '/b'],
      ['/v1//evil.example', '/evil.example'],
      ['/v1', '/']
    ]
  ],
  [
    '/u/:id/*',
    { set: '/users/:id/*' },
    '',
    '/u/7/a',
    [
      ['/users/7/b', '/u/7/b'],
      ['/users/8/b', '/users/8/b']
    ]
  ],
  [
    '/u/:id',
    { set: '/users/:id' },
    '',
    '/u/7',
    [
      ['/users/7?full', '/u/7?full'],
      ['/users/8', '/users/8'],
      ['7?full', '7?full']
    ]
  ],
  ['/*', { regex: { pattern: '^/api/(.*)$', replacement: '/$1' } }, '', '/api/a', [['/b', '/api/b']]],
  [
    '/*',
    { regex: { pattern: '^/api', replacement: '/v1' } },
    '',
    '/api/a',
    [
      ['/v1/b', '/api/b'],
      ['/v2/b', '/v2/b']
    ]
  ],
  [
    '/*',
    { regex: { pattern: '^/(\\w+)/x', replacement: '/$1/y' } },
    '',
    '/api/x',
    [
      ['/api/y', '/api/x'],
      ['/api/z', '/api/z']
    ]
  ]
]

for (const [path, rewrite, base, asked, pairs] of REWRITES)
  test(`${JSON.stringify(rewrite)} at '${path}' over '${base}' is undone`, async (t) => {
    const { answered, upstream } = await transformed(
      t,
      LOCATION,
      { path, ...(rewrite === null ? {} : { rewrite }) },
      ({ url }) => ({ pools: { users: { endpoints: [(url + base) as 'http://x'] } } })
    )
    for (const [theirs, ours] of pairs) {
      const response = await answered({ status: 302, headers: { location: theirs } }, `GET ${asked}`)
      assert.equal(response.header('location'), ours, theirs)
      if (!theirs.startsWith('/') || theirs.startsWith('//')) continue
      const whole = await answered(
        { status: 302, headers: { location: upstream.url + theirs } },
        `GET ${asked}`
      )
      assert.equal(whole.header('location'), `http://gateway.test${ours}`, theirs)
    }
  })

test('the origin is the client’s, as trusted proxies tell it', async (t) => {
  const { answered, upstream } = await transformed(
    t,
    { response: { location: { hosts: ['Internal.example'] } } },
    {},
    () => ({
      trustedProxies: ['127.0.0.1']
    })
  )
  const proxied = ['x-forwarded-proto: https', 'x-forwarded-host: api.example.com']
  for (const [theirs, ours, fields] of [
    [`${upstream.url}/x`, 'https://api.example.com/x', proxied],
    [`${upstream.url}/x`, 'https://api.example.com:8443/x', [...proxied, 'x-forwarded-port: 8443']],
    ['http://api.example.com/x', 'https://api.example.com/x', proxied],
    ['https://internal.example:9/x', 'https://api.example.com/x', proxied],
    ['http://internal.example.evil/x', 'http://internal.example.evil/x', proxied],
    // The upstream sends the client to TLS: it must not be sent back.
    ['https://gateway.test/x', 'https://gateway.test/x', []],
    [
      `${upstream.url.replace('127.0.0.1', '127.0.0.1.evil')}/x`,
      `${upstream.url.replace('127.0.0.1', '127.0.0.1.evil')}/x`,
      []
    ]
  ] as const) {
    const response = await answered({ status: 301, headers: { location: theirs } }, 'GET /users/7', ...fields)
    assert.equal(response.header('location'), ours, theirs)
  }
})

test('what can be read in more than one way is left alone', async (t) => {
  const { answered, upstream } = await transformed(t, LOCATION, {
    path: '/api/*',
    rewrite: { stripPrefix: true }
  })
  const { host } = new URL(upstream.url)
  for (const odd of [
    `http://${host}\\@evil.example/`,
    `http:\\\\${host}/x`,
    `http:/x`,
    `http://${host}@evil.example/`,
    `http://evil.example#@${host}/`,
    `http://evil.example?${host}`,
    `javascript:alert(1)//${host}`,
    '/\\evil.example',
    '///evil.example',
    `http://[::1`,
    `http://${host}:99999999/`
  ]) {
    const response = await answered({ status: 302, headers: { location: odd } }, 'GET /api/a')
    assert.equal(response.header('location'), odd)
  }
})

test('with `paths: client` the origin alone is changed', async (t) => {
  const { answered, upstream } = await transformed(
    t,
    { response: { location: { paths: 'client' } } },
    { path: '/api/*', rewrite: { stripPrefix: true } }
  )
  for (const [theirs, ours] of [
    [`${upstream.url}/api/x`, 'http://gateway.test/api/x'],
    ['/api/x', '/api/x']
  ] as const)
    assert.equal(
      (await answered({ status: 302, headers: { location: theirs } }, 'GET /api/a')).header('location'),
      ours
    )
})

test('a cookie for all of the upstream is one for all of the route', async (t) => {
  const { answered } = await transformed(
    t,
    LOCATION,
    { path: '/api/*', rewrite: { stripPrefix: true } },
    ({ url }) => ({
      pools: { users: { endpoints: [`${url}/base` as 'http://x'] } }
    })
  )
  for (const [theirs, ours] of [
    ['/', '/api'],
    ['/base', '/api'],
    ['/base/', '/api'],
    ['/base/a/', '/api/a/'],
    ['/other', '/other'],
    ['//evil', '//evil']
  ] as const) {
    const response = await answered(
      { headers: { 'set-cookie': `a=1; path=${theirs}; Max-Age=5` } },
      'GET /api/x'
    )
    const name = theirs === ours ? 'path' : 'Path'
    assert.equal(response.header('set-cookie'), `a=1; ${name}=${ours}; Max-Age=5`, theirs)
  }
})
