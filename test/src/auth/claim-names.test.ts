import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIssuer } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'

const CLAIMS: readonly string[] = [
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"prototype":{"admin":true},"toString":"x","hasOwnProperty":true,"valueOf":1}',
  '{"tenant":{"constructor":{"prototype":{"admin":true}}},"realm":{"toString":["a"]}}'
]

test('claims with names that every object has pollute nothing, grant nothing, and are claims like others', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, upstream } = await guarded(
    t,
    {
      schemes: {
        tokens: {
          type: 'jwt',
          issuer: issuer.url,
          audience: 'api',
          keys: { url: issuer.keysUrl, allowHttp: true }
        }
      },
      headers: {
        'x-user': 'subject',
        'x-admin': 'claims.admin',
        'x-name': 'claims.constructor.name',
        'x-text': 'claims.toString'
      },
      failures: false
    },
    {
      auth: 'tokens',
      rateLimit: { name: 'by-claim', limit: 1_000, window: '1h', key: { claim: 'hasOwnProperty' } },
      transform: {
        request: {
          headers: {
            set: {
              'x-claim': '{identity.claims.constructor.name}',
              'x-deep': '{identity.claims.tenant.constructor.name}',
              'x-own': '{identity.claims.valueOf|none}'
            }
          }
        }
      }
    }
  )
  const bearer = (claims: string) => ({
    authorization: `Bearer ${issuer.token({ aud: 'api', ...JSON.parse(claims) })}`
  })
  for (const claims of CLAIMS) assert.equal((await ask('/', bearer(claims))).status, 200, claims)
  assert.deepEqual(
    upstream.requests.map((seen) =>
      ['x-user', 'x-admin', 'x-name', 'x-text', 'x-claim', 'x-deep', 'x-own'].map((name) => seen.header(name))
    ),
    [
      ['ada', undefined, undefined, undefined, undefined, undefined, 'none'],
      ['ada', undefined, undefined, 'x', undefined, undefined, '1'],
      ['ada', undefined, undefined, undefined, undefined, undefined, 'none']
    ]
  )
  // JSON.parse makes it a name of the object's own, and JSON.stringify writes it.
  const forged = JSON.parse('{"aud":"api","__proto__":{"admin":true}}') as Record<string, unknown>
  const token = issuer.token(Object.fromEntries(Object.entries(forged)))
  assert.equal((await ask('/', { authorization: `Bearer ${token}` })).status, 401)
  for (const name of ['admin', 'polluted']) assert.equal(name in {}, false)
})

test('a rule on a claim is not met by what every object has', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, upstream } = await guarded(
    t,
    {
      schemes: {
        tokens: {
          type: 'jwt',
          issuer: issuer.url,
          audience: 'api',
          keys: { url: issuer.keysUrl, allowHttp: true }
        }
      },
      failures: false
    },
    { auth: 'tokens', authorize: { claims: { 'constructor.name': 'Object' } } }
  )
  const ask401 = (claims: object) =>
    ask('/', { authorization: `Bearer ${issuer.token({ aud: 'api', ...claims })}` })
  assert.equal((await ask401({})).status, 403)
  assert.equal(upstream.requests.length, 0)
  assert.equal((await ask401({ constructor: { name: 'Object' } })).status, 200)
})
