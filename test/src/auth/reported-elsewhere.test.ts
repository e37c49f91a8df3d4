import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawRequest, signedToken, type TestIssuer, testIssuer } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

// What users of other gateways have reported, tried here.

type Schemes = NonNullable<NonNullable<GatewayServerConfig['authentication']>['schemes']>

const jwt = (issuer: TestIssuer, more: object = {}): Schemes[string] =>
  ({
    type: 'jwt',
    issuer: issuer.url,
    audience: 'api',
    keys: { url: issuer.keysUrl, allowHttp: true },
    ...more
  }) as Schemes[string]

async function behind(t: TestContext, schemes: Schemes, auth: unknown = Object.keys(schemes)[0]) {
  const upstream = await fakeUpstream(t)
  const { url, port } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    authentication: { schemes, headers: { 'x-user': 'subject', 'x-scheme': 'scheme' }, failures: false },
    routes: [{ id: 'api', path: '/*', pool: 'api', auth }]
  } as GatewayServerConfig)
  const ask = async (token: string) =>
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status
  return { ask, upstream, port }
}

test('two issuers that call their keys the same are told apart, and neither signs for the other', async (t) => {
  const [one, two] = [await testIssuer(t), await testIssuer(t)]
  const { ask, upstream } = await behind(t, { one: jwt(one), two: jwt(two) }, { any: ['one', 'two'] })
  assert.equal(await ask(one.token({ aud: 'api' })), 200)
  assert.equal(await ask(two.token({ aud: 'api' })), 200)
  assert.equal(await ask(one.token({ aud: 'api', iss: two.url })), 401)
  assert.equal(await ask(two.token({ aud: 'api', iss: one.url })), 401)
  assert.deepEqual(
    upstream.requests.map((seen) => seen.header('x-scheme')),
    ['one', 'two']
  )
})

test('a provider that is down stops none of the tokens of another one', async (t) => {
  const [one, two] = [await testIssuer(t), await testIssuer(t)]
  one.upstream.answers({ status: 500 })
  const { ask } = await behind(t, { one: jwt(one), two: jwt(two) }, { any: ['one', 'two'] })
  assert.equal(await ask(two.token({ aud: 'api' })), 200)
  assert.equal(await ask(one.token({ aud: 'api' })), 503)
  assert.equal(await ask(two.token({ aud: 'other' })), 401)
})

test('keys without an id, or with an empty one, serve tokens without, and are fetched once', async (t) => {
  for (const kid of [undefined, ''] as const) {
    const issuer = await testIssuer(t)
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const jwk = { ...publicKey.export({ format: 'jwk' }), ...(kid !== undefined && { kid }) }
    issuer.upstream.answers({ body: JSON.stringify({ keys: [jwk] }) })
    const { ask } = await behind(t, { tokens: jwt(issuer) })
    const exp = Math.floor(Date.now() / 1_000) + 300
    const claims = { iss: issuer.url, aud: 'api', sub: 'ada', exp }
    const token = (header: object, n: number) =>
      signedToken({ header: { ...header }, claims: { ...claims, n }, algorithm: 'RS256', key: privateKey })
    for (let n = 0; n < 5; n++) assert.equal(await ask(token({}, n)), 200)
    if (kid === '') assert.equal(await ask(token({ kid: '' }, 9)), 200)
    assert.equal(issuer.fetches, 1)
  }
})

test('of a key set of Keycloak the key for signatures is taken, beside one for encryption and what is not known', async (t) => {
  const issuer = await testIssuer(t)
  const [signing, encryption] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2_048 }))
  const more = { x5c: ['MIICmzCCAYMCBgF4'], x5t: 'ZmY', 'x5t#S256': 'Zm9v' }
  issuer.upstream.answers({
    body: JSON.stringify({
      keys: [
        {
          ...encryption?.publicKey.export({ format: 'jwk' }),
          kid: 'e',
          use: 'enc',
          alg: 'RSA-OAEP',
          ...more
        },
        { ...signing?.publicKey.export({ format: 'jwk' }), kid: 's', use: 'sig', alg: 'RS256', ...more },
        { kty: 'AKP', alg: 'ML-DSA-44', kid: 'pq', pub: 'AAAA' },
        { kty: 'EC', crv: 'P-256', x: '!', y: 7, kid: 'broken' }
      ]
    })
  })
  const { ask } = await behind(t, { tokens: jwt(issuer) })
  const exp = Math.floor(Date.now() / 1_000) + 300
  const token = (kid: string, pair = signing) =>
    signedToken({
      header: { kid, typ: 'JWT' },
      claims: { iss: issuer.url, aud: ['account', 'api'], sub: 'ada', exp, typ: 'Bearer' },
      algorithm: 'RS256',
      key: pair?.privateKey ?? null
    })
  assert.equal(await ask(token('s')), 200)
  assert.equal(await ask(token('e')), 401)
  assert.equal(await ask(token('e', encryption)), 401)
})

test('two keys of one id for different algorithms are both taken', async (t) => {
  const issuer = await testIssuer(t)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = [rsa, ec].map(({ publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'same' }))
  issuer.upstream.answers({ body: JSON.stringify({ keys }) })
  const { ask } = await behind(t, { tokens: jwt(issuer) })
  const claims = { iss: issuer.url, aud: 'api', sub: 'ada', exp: Math.floor(Date.now() / 1_000) + 300 }
  for (const [algorithm, { privateKey: key }] of [
    ['RS256', rsa],
    ['ES256', ec]
  ] as const)
    assert.equal(await ask(signedToken({ header: { kid: 'same' }, claims, algorithm, key })), 200)
})

test('an issuer that ends in a slash, as those of Auth0 do, is discovered, and one without is another', async (t) => {
  const issuer = await testIssuer(t)
  const name = `${issuer.url}/`
  const document = { issuer: name, jwks_uri: issuer.keysUrl }
  issuer.upstream.answers(({ target }) => ({
    body: JSON.stringify(target === '/.well-known/openid-configuration' ? document : issuer.keySet)
  }))
  const keys = { allowHttp: true }
  const { ask } = await behind(t, { tokens: jwt(issuer, { issuer: name, keys }) })
  assert.equal(await ask(issuer.token({ aud: 'api', iss: name })), 200)
  assert.equal(await ask(issuer.token({ aud: 'api' })), 401)
  const wrong = await behind(t, { tokens: jwt(issuer, { keys }) })
  assert.equal(await wrong.ask(issuer.token({ aud: 'api' })), 503)
})

test('identity headers cannot be taken out by naming them in Connection, nor the token be kept that way', async (t) => {
  const issuer = await testIssuer(t)
  const { port, upstream } = await behind(t, { tokens: jwt(issuer) })
  const token = issuer.token({ aud: 'api' })
  const passed: string[] = []
  for (const [index, named] of [
    'x-user',
    'X-USER, x-scheme',
    'authorization',
    'close, x-user',
    'x-user,,',
    'te, keep-alive'
  ].entries()) {
    const head = `GET /${index} HTTP/1.1\r\nHost: a\r\nConnection: ${named}\r\n`
    const { status } = await rawRequest(port, `${head}Authorization: Bearer ${token}\r\nX-User: root\r\n\r\n`)
    if (status === 200) passed.push(`/${index}`)
    else assert.equal(status, 400)
  }
  assert.deepEqual(passed, ['/5'])
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    passed
  )
  for (const seen of upstream.requests)
    assert.deepEqual([seen.headerAll('x-user'), seen.headerAll('authorization')], [['ada'], []])
})

test('a token of introspection that is not active is refused, although the answer is 200', async (t) => {
  const service = await fakeUpstream(t)
  const opaque = {
    type: 'introspection',
    url: `${service.url}/introspect`,
    clientId: 'gateway',
    clientSecret: 'secret',
    allowHttp: true,
    audience: 'api'
  } as const
  const { ask, upstream } = await behind(t, { opaque })
  for (const [n, [body, status]] of (
    [
      [{ active: false }, 401],
      [{ active: false, sub: 'ada', aud: 'api' }, 401],
      [{ active: true, sub: 'ada' }, 401],
      [{ active: true, sub: 'ada', aud: 'other' }, 401],
      [{ active: true, aud: 'api' }, 401],
      [{ active: true, sub: 'ada', aud: 'api', exp: 1 }, 401],
      [{ active: 1, sub: 'ada', aud: 'api' }, 503],
      [{ sub: 'ada', aud: 'api' }, 503],
      [{ error: 'invalid_client' }, 503],
      [{ active: true, sub: 'ada', aud: ['x', 'api'] }, 200]
    ] as const
  ).entries()) {
    service.next({ body: JSON.stringify(body) })
    assert.equal(await ask(`t${n}`), status, JSON.stringify(body))
  }
  assert.equal(upstream.requests.length, 1)
})

test('a token that was remembered is refused when it expires, although it is asked for all the time', async (t) => {
  const issuer = await testIssuer(t)
  const { ask } = await behind(t, { tokens: jwt(issuer, { clockSkew: '0ms' }) })
  const exp = Date.now() / 1_000 + 1.5
  const token = issuer.token({ aud: 'api', exp })
  const late: number[] = []
  while (Date.now() < exp * 1_000 + 300) {
    const begun = Date.now()
    const status = await ask(token)
    if (begun > exp * 1_000) late.push(status)
    else if (Date.now() < exp * 1_000) assert.equal(status, 200)
  }
  assert.deepEqual([...new Set(late)], [401])
})
