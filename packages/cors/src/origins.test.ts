import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRegExp } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import fc from 'fast-check'
import { originProblem, wildcardOf } from './origin-pattern.js'
import { type CorsOrigins, resolveOrigins } from './origins.js'

const exchange = fakeExchange()
const allows = (origins: CorsOrigins, origin: string) => resolveOrigins(origins).allows(origin, exchange)

for (const [origins, allowed, others] of [
  [
    'https://shop.example',
    ['https://shop.example'],
    [
      'http://shop.example',
      'https://shop.example:8443',
      'https://shop.example.evil.example',
      'https://evilshop.example',
      'https://SHOP.example',
      'https://shop.example/',
      'https://shop.example, https://shop.example',
      'null',
      ''
    ]
  ],
  [
    'https://*.shop.example',
    ['https://a.shop.example', 'https://a.b-c.shop.example', 'https://xn--a.shop.example'],
    [
      'https://shop.example',
      'https://evil-shop.example',
      'https://a.shop.example.evil.example',
      'https://evil.example/.shop.example',
      'https://evil.example#.shop.example',
      'https://evil.example?.shop.example',
      'https://evil.example:80@a.shop.example',
      'https://evil.example\\.shop.example',
      'https://a..shop.example',
      'https://.shop.example',
      'https://a.shop_example',
      'https://a.shop.example:8443',
      'https://a.shop.example, https://evil.example',
      'https://evil.example, https://a.shop.example'
    ]
  ],
  [
    'http://localhost:*',
    ['http://localhost', 'http://localhost:3000'],
    ['http://localhost:x', 'http://localhost:', 'http://localhost:3000.evil.example', 'https://localhost:1']
  ],
  ['null', ['null'], ['https://null', 'NULL', '']],
  [
    /https:\/\/(?:shop|admin)\.example/,
    ['https://shop.example', 'https://admin.example'],
    ['https://shop.example.evil.example', 'xhttps://shop.example', 'https://shop.example:1']
  ],
  [
    /https:\/\/a\.example|https:\/\/b\.example/g,
    ['https://a.example', 'https://b.example'],
    ['https://a.example.c']
  ],
  [
    ['https://a.example', 'https://*.b.example', /https:\/\/c\d\.example/],
    ['https://a.example', 'https://x.b.example', 'https://c1.example'],
    ['https://x.a.example', 'https://b.example', 'https://c.example']
  ],
  [/HTTPS:\/\/A\.EXAMPLE/i, ['https://a.example'], ['https://a.example.b']],
  [/.*/, ['https://any.example', 'null'], ['https://a.example, https://b.example', 'nothing', '']],
  [() => true, ['https://any.example'], ['https://a.example, https://b.example', '']],
  [
    ['capacitor://localhost', 'https://a.example'],
    ['capacitor://localhost', 'https://a.example'],
    ['http://a.example']
  ]
] as const) {
  const said = typeof origins === 'function' ? 'a function' : String(origins)
  for (const origin of allowed)
    test(`${said} allows '${origin}', each time`, () => {
      for (let n = 0; n < 3; n++) assert.equal(allows(origins, origin), true)
    })
  for (const origin of others)
    test(`${said} does not allow '${origin}'`, () => assert.equal(allows(origins, origin), false))
}

test('an origin that passes the check is one that URL writes so', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
  fc.assert(
    fc.property(
      fc.constantFrom('http', 'https'),
      fc.array(label, { minLength: 2, maxLength: 4 }),
      (scheme, labels) => {
        const origin = `${scheme}://${labels.join('.')}`
        fc.pre(URL.canParse(origin))
        assert.equal(originProblem(origin) === undefined, new URL(origin).origin === origin)
      }
    )
  )
})

test('a wildcard allows what ends in its host and no other, in linear time', () => {
  for (const text of ['https://*.shop.example', 'http://localhost:*', 'https://*.a-b.example:*']) {
    assert.equal(originProblem(text), undefined)
    assert.equal(checkRegExp(wildcardOf(text).source), undefined)
  }
  const suffix = '.shop.example'
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 40 }), (text) => {
      if (!allows('https://*.shop.example', `https://${text}${suffix}`)) return
      assert.equal(new URL(`https://${text}${suffix}`).hostname.endsWith(suffix), true)
    })
  )
})
