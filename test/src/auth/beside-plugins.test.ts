import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateway } from '@gatewright/gateway'
import { fakeUpstream, testIssuer } from '@gatewright/testing'
import { fastify } from 'fastify'
import { registerFamily } from '../support/fastify-family.js'

for (const order of ['first', 'last'] as const)
  test(`tokens of the gateway, registered ${order}, and those of @fastify/jwt, cookies and sessions of the app are apart`, async (t) => {
    const issuer = await testIssuer(t)
    const upstream = await fakeUpstream(t, { headers: { 'content-type': 'text/plain' }, body: 'upstream' })
    const app = fastify()
    t.after(() => app.close())
    const options = {
      pools: { api: { endpoints: [upstream.url] } },
      authentication: {
        schemes: {
          tokens: {
            type: 'jwt',
            issuer: issuer.url,
            audience: 'api',
            keys: { url: issuer.keysUrl, allowHttp: true },
            from: [{ header: 'authorization' }, { cookie: 'token' }]
          }
        },
        headers: { 'x-user': 'subject' },
        failures: false
      },
      routes: [{ path: '/api/*', pool: 'api', auth: 'tokens' }]
    } as const
    if (order === 'first') await app.register(gateway, options)
    await registerFamily(app)
    if (order === 'last') await app.register(gateway, options)
    app.get('/login', (request) => {
      request.session.set('user' as never, 'bob' as never)
      return app.jwt.sign({ sub: 'bob', aud: 'api', iss: issuer.url })
    })
    app.get('/own', async (request) => {
      await request.jwtVerify()
      return { user: request.user, identity: request.exchange?.identity?.subject }
    })
    app.get('/both', { config: { gateway: { pool: 'api', auth: 'tokens' } } }, async (request) => ({
      user: request.user ?? null,
      identity: request.exchange?.identity?.subject
    }))
    const ask = async (url: string, headers: Record<string, string> = {}) => {
      const { statusCode, body, cookies } = await app.inject({ url, headers: { host: 'a', ...headers } })
      return { statusCode, body, cookies: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') }
    }
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    const login = await ask('/login')
    assert.match(login.cookies, /^sessionId=/)
    const own = await ask('/own', bearer(login.body))
    assert.equal((JSON.parse(own.body) as { user: { sub: string } }).user.sub, 'bob')
    assert.equal((await ask('/api/x', bearer(login.body))).statusCode, 401)
    assert.equal((await ask('/both', bearer(login.body))).statusCode, 401)
    const token = issuer.token({ aud: 'api' })
    const both = await ask('/both', { ...bearer(token), cookie: login.cookies })
    assert.deepEqual(JSON.parse(both.body), { user: null, identity: 'ada' })
    assert.ok((await ask('/own', bearer(token))).statusCode >= 400)
    assert.equal((await ask('/api/header', { ...bearer(token), cookie: 'a=1' })).statusCode, 200)
    assert.equal((await ask('/api/cookie', { cookie: `a=1; token=${token}; b=2` })).statusCode, 200)
    assert.deepEqual(
      upstream.requests.map((seen) => [
        seen.header('x-user'),
        seen.headerAll('authorization'),
        seen.header('cookie')
      ]),
      [
        ['ada', [], 'a=1'],
        ['ada', [], 'a=1; b=2']
      ]
    )
  })
