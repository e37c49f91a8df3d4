import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { monotonic } from '@gatewright/core'
import type { GatewaySeams, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawRequest, type TestIssuer, testIssuer } from '@gatewright/testing'
import { eventually } from '../support/eventually.js'
import { Scraped } from '../support/scraped.js'
import { startGateway } from '../support/start-gateway.js'

type Schemes = NonNullable<NonNullable<GatewayServerConfig['authentication']>['schemes']>
type Jwt = Extract<Schemes[string], { type: 'jwt' }>

/** A gateway whose only route takes tokens of an issuer. */
async function guarded(
  t: TestContext,
  issuer: TestIssuer,
  more: Partial<Jwt> = {},
  seams: GatewaySeams = {},
  also: GatewayServerConfig = {}
) {
  const upstream = await fakeUpstream(t)
  const tokens = {
    type: 'jwt',
    issuer: issuer.url,
    audience: 'api',
    keys: { url: issuer.keysUrl, allowHttp: true },
    ...more
  } as Jwt
  const config = {
    pools: { api: { endpoints: [upstream.url] } },
    authentication: {
      schemes: { tokens },
      headers: { 'x-user': 'subject', 'x-tenant': 'claims.tenant', 'x-scopes': 'scopes' },
      failures: false
    },
    routes: [
      { id: 'api', path: '/*', pool: 'api', auth: 'tokens' },
      { id: 'write', path: '/write', pool: 'api', auth: 'tokens', authorize: { scopes: ['write'] } }
    ]
  } as GatewayServerConfig
  const started = await startGateway(t, config, also, seams)
  const ask = (token: string | null, path = '/', headers: Record<string, string> = {}) =>
    fetch(`${started.url}${path}`, {
      headers: { ...headers, ...(token !== null && { authorization: `Bearer ${token}` }) }
    })
  return { ...started, upstream, ask }
}

test('a good token passes; the upstream learns who it is and never sees the token', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, upstream } = await guarded(t, issuer)
  const token = issuer.token({ aud: 'api', tenant: 'acme', scope: 'read write' })
  const response = await ask(token, '/', { 'x-user': 'eve', 'X-Tenant': 'mallory' })
  assert.equal(response.status, 200)
  const [seen] = upstream.requests
  assert.deepEqual(
    ['x-user', 'x-tenant', 'x-scopes', 'authorization'].map((name) => seen?.headerAll(name)),
    [['ada'], ['acme'], ['read write'], []]
  )
})

test('a missing or wrong token is 401 with a challenge that says no more than it must', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, upstream } = await guarded(t, issuer)
  const absent = await ask(null)
  assert.deepEqual([absent.status, absent.headers.get('www-authenticate')], [401, 'Bearer realm="gateway"'])
  for (const token of [
    issuer.token({ aud: 'other' }),
    issuer.token({ aud: 'api' }, { lifetime: -61 }),
    issuer.token({ aud: 'api', iss: 'https://evil.example' }),
    `${issuer.token({ aud: 'api' }).slice(0, -4)}AAAA`,
    'not.a.token'
  ]) {
    const wrong = await ask(token)
    assert.deepEqual(
      [wrong.status, wrong.headers.get('www-authenticate')],
      [401, 'Bearer realm="gateway", error="invalid_token"']
    )
    const body = (await wrong.json()) as { reason: string; detail?: string }
    assert.deepEqual([body.reason, body.detail], ['unauthenticated', undefined])
  }
  assert.equal(upstream.requests.length, 0)
})

test('a scope that is missing is 403, and which one stands in the log alone', async (t) => {
  const issuer = await testIssuer(t)
  const { ask } = await guarded(t, issuer)
  assert.equal((await ask(issuer.token({ aud: 'api', scope: 'read' }), '/write')).status, 403)
  assert.equal((await ask(issuer.token({ aud: 'api', scope: 'write' }), '/write')).status, 200)
})

test('a new key is fetched for the first token of it, and unknown keys cost one fetch for all', async (t) => {
  const issuer = await testIssuer(t)
  const keys = { url: issuer.keysUrl, allowHttp: true, cooldown: '1s' } as const
  const { ask } = await guarded(t, issuer, { keys })
  assert.equal((await ask(issuer.token({ aud: 'api' }))).status, 200)
  issuer.rotate()
  const token = issuer.token({ aud: 'api' })
  await eventually(async () => assert.equal((await ask(token)).status, 200))
  const before = issuer.fetches
  const strange = Array.from({ length: 20 }, (_, n) =>
    issuer.token({ aud: 'api' }, { header: { kid: `strange-${n}` } })
  )
  const statuses = await Promise.all(strange.map(async (token) => (await ask(token)).status))
  assert.deepEqual(new Set(statuses), new Set([401]))
  assert.ok(issuer.fetches <= before + 1, `${issuer.fetches - before} fetches`)
})

test('a key that takes the place of another under its id is fetched; a flood of wrong signatures costs one fetch', async (t) => {
  const issuer = await testIssuer(t)
  const other = await testIssuer(t)
  let skippedMs = 0
  const { ask, upstream } = await guarded(t, issuer, {}, { clock: () => monotonic() + skippedMs })
  const good = issuer.token({ aud: 'api' })
  assert.equal((await ask(good)).status, 200)
  const wrong = (n: number) => other.token({ aud: 'api', iss: issuer.url, n })
  const flood = async (count: number) => {
    const asked = Array.from({ length: count }, async (_, n) => (await ask(wrong(n + skippedMs))).status)
    const fine = Array.from(
      { length: 20 },
      async (_, n) => (await ask(issuer.token({ aud: 'api', n }))).status
    )
    assert.deepEqual([...new Set(await Promise.all(asked))], [401])
    assert.deepEqual([...new Set(await Promise.all(fine))], [200])
  }
  await flood(100)
  assert.equal(issuer.fetches, 1)
  skippedMs += 31_000
  await flood(100)
  await flood(100)
  assert.equal(issuer.fetches, 2)
  skippedMs += 31_000
  issuer.upstream.answers({ status: 500 })
  await flood(100)
  assert.equal(upstream.requests.length, 1 + 4 * 20)
  issuer.upstream.answers({ body: JSON.stringify(other.keySet) })
  skippedMs += 31_000
  assert.equal((await ask(wrong(-1))).status, 200)
  assert.equal((await ask(good)).status, 401)
})

test('metrics tell of tokens and keys, by scheme', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, gateway } = await guarded(t, issuer, {}, {}, { metrics: { listener: 'app', process: false } })
  const token = issuer.token({ aud: 'api' })
  for (const one of [token, token, 'wrong']) await ask(one)
  const values = async (): Promise<Record<string, number | undefined>> => {
    const scraped = new Scraped((await gateway.app.metrics.show()).body)
    const of = (name: string) => scraped.value(`proxy_auth_${name}{scheme="tokens"}`)
    return Object.fromEntries(FIGURES.map((name) => [name, of(name)]))
  }
  const before = await values()
  assert.ok(Number(before.keys_age_seconds) >= 0 && Number(before.keys_age_seconds) < 60)
  assert.deepEqual(
    { ...before, keys_age_seconds: 0 },
    {
      tokens: 1,
      token_hits_total: 1,
      tokens_verified_total: 1,
      tokens_refused_total: 1,
      keys: 1,
      keys_age_seconds: 0,
      keys_stale: 0,
      key_fetches_total: 1,
      key_fetch_failures_total: 0,
      introspections_total: undefined,
      introspection_failures_total: undefined
    }
  )
})

const FIGURES = [
  'tokens',
  'token_hits_total',
  'tokens_verified_total',
  'tokens_refused_total',
  'keys',
  'keys_age_seconds',
  'keys_stale',
  'key_fetches_total',
  'key_fetch_failures_total',
  'introspections_total',
  'introspection_failures_total'
]

test('an identity provider that is down loses no request with a key that is known; without one it is 503', async (t) => {
  const issuer = await testIssuer(t)
  issuer.cacheControl = 'max-age=1'
  const { ask } = await guarded(t, issuer)
  assert.equal((await ask(issuer.token({ aud: 'api' }))).status, 200)
  issuer.upstream.answers({ status: 500 })
  for (let n = 0; n < 5; n++) assert.equal((await ask(issuer.token({ aud: 'api', n }))).status, 200)
  const other = await guarded(t, issuer, { clockSkew: '1s' })
  const refused = await other.ask(issuer.token({ aud: 'api' }))
  assert.equal(refused.status, 503)
  assert.equal(((await refused.json()) as { reason: string }).reason, 'auth_unavailable')
  issuer.serve()
  await eventually(async () => assert.equal((await other.ask(issuer.token({ aud: 'api' }))).status, 200))
})

test('tokens come from a cookie or the query where the scheme says so, and are taken out there', async (t) => {
  const issuer = await testIssuer(t)
  const { port, upstream } = await guarded(t, issuer, {
    from: [{ cookie: 'session' }, { query: 'access_token' }]
  } as Partial<Jwt>)
  const token = issuer.token({ aud: 'api' })
  const get = (target: string, lines = '') =>
    rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`)
  assert.equal((await get('/a', `Cookie: x=1; session=${token}; y=2\r\n`)).status, 200)
  assert.equal((await get(`/b?z=1&access_token=${token}&q=2`)).status, 200)
  assert.equal((await get('/c', `Authorization: Bearer ${token}\r\n`)).status, 401)
  const [cookie, query] = upstream.requests
  assert.deepEqual(cookie?.headerAll('cookie'), ['x=1; y=2'])
  assert.equal(query?.target, '/b?z=1&q=2')
})

test('a token that is remembered is taken out of the place where it is now, wherever it was before', async (t) => {
  const issuer = await testIssuer(t)
  const from = [{ header: 'authorization' }, { cookie: 'session' }]
  const { port, upstream } = await guarded(t, issuer, { from } as Partial<Jwt>)
  const token = issuer.token({ aud: 'api' })
  const header = `Authorization: Bearer ${token}`
  const cookie = `Cookie: a=1; session=${token}`
  for (const lines of [[header], [cookie], [header, cookie], [header], [cookie]]) {
    const head = ['GET / HTTP/1.1', 'Host: a', 'Connection: close', ...lines]
    assert.equal((await rawRequest(port, `${head.join('\r\n')}\r\n\r\n`)).status, 200)
    const seen = upstream.requests.at(-1)
    assert.deepEqual(seen?.headerAll('authorization'), [])
    assert.deepEqual(seen?.headerAll('cookie'), lines.includes(cookie) ? ['a=1'] : [])
  }
})

test('an opaque token is looked up once, and what is not active is refused', async (t) => {
  const issuer = await testIssuer(t)
  const asked: string[] = []
  issuer.upstream.answers(async (request) => {
    await request.finished
    const body = request.body.toString()
    asked.push(body)
    const active = body.includes('token=good')
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        active ? { active, sub: 'ada', exp: Math.floor(Date.now() / 1_000) + 60 } : { active }
      )
    }
  })
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    authentication: {
      schemes: {
        opaque: {
          type: 'introspection',
          url: `${issuer.url}/introspect`,
          clientId: 'gateway',
          clientSecret: 'secret',
          allowHttp: true
        }
      },
      headers: { 'x-user': 'subject' }
    },
    routes: [{ id: 'api', path: '/*', pool: 'api', auth: 'opaque' }]
  })
  const status = async (token: string) =>
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status
  assert.deepEqual(await Promise.all(['good', 'good', 'good'].map(status)), [200, 200, 200])
  assert.equal(asked.length, 1)
  assert.deepEqual([await status('bad'), await status('bad')], [401, 401])
  assert.equal(asked.length, 2)
  assert.deepEqual(
    upstream.requests.map((request) => request.header('x-user')),
    ['ada', 'ada', 'ada']
  )
})
