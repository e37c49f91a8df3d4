import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transformed } from '../support/transformed.js'

const ROUTE = { path: '/shop/*', rewrite: { stripPrefix: '/shop', addPrefix: '/v2' } } as const

test('URLs in the head of a response are those that the client can ask', async (t) => {
  const { answered, upstream } = await transformed(t, { response: { location: true } }, ROUTE)
  const { host } = new URL(upstream.url)
  for (const [theirs, ours] of [
    [`http://${host}/v2/users/7?a=b#c`, 'http://gateway.test/shop/users/7?a=b#c'],
    [`//${host}/v2/x`, '//gateway.test/shop/x'],
    ['/v2/x', '/shop/x'],
    // Outside of what the route forwards: nothing of the gateway's leads there.
    ['/v3/x', '/v3/x'],
    ['https://other.example/v2/x', 'https://other.example/v2/x'],
    ['//evil.example/v2', '//evil.example/v2'],
    ['http://gateway.test/v2/x', 'http://gateway.test/shop/x'],
    [`http://${host}@evil.example/v2/x`, `http://${host}@evil.example/v2/x`],
    ['mailto:a@b', 'mailto:a@b']
  ] as const) {
    const response = await answered(
      { status: 302, headers: { location: theirs, 'content-location': theirs, refresh: `5; url=${theirs}` } },
      'GET /shop/a'
    )
    assert.deepEqual(
      ['location', 'content-location', 'refresh'].map((name) => response.header(name)),
      [ours, ours, `5; url=${ours}`],
      theirs
    )
  }
})

test('cookies of upstreams get the path, the domain and the flags that hold for clients', async (t) => {
  const cases = [
    [true, 'a=1; Path=/v2/x; Domain=internal.example', 'a=1; Path=/shop/x'],
    [{ path: '/all' }, 'a=1', 'a=1; Path=/all'],
    [
      { domain: { 'internal.example': 'example.com', '*': false } },
      'a=1; Domain=.internal.example',
      'a=1; Domain=example.com'
    ],
    [
      { secure: true, sameSite: 'lax', httpOnly: true },
      'a=1; Path=/',
      'a=1; Path=/; Secure; HttpOnly; SameSite=Lax'
    ],
    [{ names: ['app_*'], httpOnly: true }, 'b=1', 'b=1'],
    [true, '__Host-a=1; Path=/; Secure', '__Host-a=1; Path=/; Secure']
  ] as const
  for (const [cookies, theirs, ours] of cases) {
    const { answered } = await transformed(t, { response: { cookies: cookies as never } }, ROUTE)
    const response = await answered(
      {
        headers: [
          ['Set-Cookie', theirs],
          ['Set-Cookie', 'z=9; Path=/other']
        ]
      },
      'GET /shop/a'
    )
    const [first] = response.headerAll('set-cookie')
    assert.deepEqual(new Set(first?.split('; ')), new Set(ours.split('; ')), theirs)
  }
})

test('statuses are mapped, and the body goes with them', async (t) => {
  const { answered } = await transformed(t, { response: { status: { 404: 410, '5xx': 502 } } })
  for (const [theirs, ours] of [
    [404, 410],
    [500, 502],
    [200, 200],
    [503, 502]
  ] as const) {
    const response = await answered({ status: theirs, body: 'body' })
    assert.deepEqual([response.status, response.text], [ours, 'body'])
  }
})
