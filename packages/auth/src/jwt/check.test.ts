import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { JwtKeysConfig, JwtSchemeConfig } from '../config/config.js'
import { checkJwt } from './check.js'
import { keysOf } from './settings.js'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ISSUER = 'https://id.test'

const problemsOf = (more: Partial<JwtSchemeConfig>): string[] => [
  ...checkJwt({ type: 'jwt', issuer: ISSUER, audience: 'api', ...more }, 'jwt')
]

test('without a word on where keys come from they are discovered at the issuer, whatever else is said of them', () => {
  for (const keys of [undefined, {}, { refresh: '5m' }, { allowHttp: true }] as (
    | JwtKeysConfig
    | undefined
  )[]) {
    const config = { type: 'jwt', issuer: ISSUER, audience: 'api', ...(keys && { keys }) } as const
    assert.deepEqual([...checkJwt(config, 'jwt')], [])
    assert.deepEqual(keysOf(config), { ...keys, discovery: true })
  }
  for (const keys of [
    { url: 'https://a.test' },
    { static: [] },
    { secret: 's' },
    { discovery: ISSUER }
  ] as const)
    assert.deepEqual(keysOf({ type: 'jwt', issuer: ISSUER, audience: false, keys }), keys)
})

test('keys may come without TLS where that is said', () => {
  const keys = { url: 'http://id.test/keys', allowHttp: true }
  assert.deepEqual(problemsOf({ keys }), [])
  assert.equal(problemsOf({ keys: { ...keys, allowHttp: false } }).length, 1)
})

test('what cannot be is said with its path', () => {
  const secret = 's'.repeat(32)
  for (const [more, problems] of [
    [
      { keys: { discovery: true, url: 'https://id.test/keys' } },
      ["jwt.keys: give one of 'url' and 'discovery'; keys of several kinds are several schemes"]
    ],
    [
      { issuer: 'http://id.test', keys: {} },
      [
        'jwt.issuer: must have https; without it answers can be changed on the way (allowHttp: true takes them)'
      ]
    ],
    [{ issuer: 'me', keys: { refresh: '5m' } }, ['jwt.issuer: must be a URL with https']],
    [
      { keys: { discovery: 'https://other.test' } },
      ["jwt.keys.discovery: 'https://other.test' is none of the issuers"]
    ],
    [
      { issuer: [ISSUER, 'https://two.test'] },
      [
        "jwt.issuer: there are several issuers, and only one can be asked for keys; a scheme for each, or 'url'"
      ]
    ],
    [
      { issuer: [ISSUER, 'https://two.test'], keys: { discovery: true } },
      [
        "jwt.keys.discovery: there are several issuers, and only one can be asked for keys; a scheme for each, or 'url'"
      ]
    ],
    [
      { keys: { url: 'https://user:pass@id.test/keys' } },
      ['jwt.keys.url: must have no user, password or fragment']
    ],
    [{ keys: { secret, refresh: '5m' } }, ['jwt.keys.refresh: is for keys that are fetched']],
    [
      { keys: { secret: 'short' } },
      ['jwt.keys.secret: has 5 bytes, and needs 32 for its algorithms (RFC 7518)']
    ],
    [
      { keys: { secret }, algorithms: ['HS512'] },
      ['jwt.keys.secret: has 32 bytes, and needs 64 for its algorithms (RFC 7518)']
    ],
    [
      { keys: { secret }, algorithms: ['RS256'] },
      ["jwt.algorithms[0]: 'RS256' needs public keys; a shared secret is for HS256, HS384 and HS512"]
    ],
    [
      { algorithms: ['HS256'] },
      ["jwt.algorithms[0]: 'HS256' needs a shared secret (keys.secret); with public keys anybody could sign"]
    ],
    [
      { keys: { static: [privateKey.export({ type: 'pkcs8', format: 'pem' }) as string] } },
      ['jwt.keys.static[0]: is a private key; give the public one']
    ],
    [
      { keys: { static: ['x', publicKey.export({ format: 'jwk' }) as Record<string, unknown>] } },
      ['jwt.keys.static[0]: is no public key or certificate in PEM']
    ],
    [{ maxTokenSize: '65KiB' }, ['jwt.maxTokenSize: must be from 1B to 64KiB']],
    [
      { from: [{ query: 'q' }] },
      [
        "jwt.from[0].query: 'q' would be shown in logs; choose a name that they know as a secret's, such as 'access_token'"
      ]
    ]
  ] as [Partial<JwtSchemeConfig>, string[]][])
    assert.deepEqual(problemsOf(more), problems)
})
