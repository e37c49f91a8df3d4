import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createApiKey, type GatewayPluginOptions, gateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { fastify } from 'fastify'
import { registerFamily } from '../support/fastify-family.js'

const PAGE = { origin: 'https://page.example', 'accept-encoding': 'gzip' }

for (const order of ['first', 'last'] as const)
  test(`all policies at once decide beside the whole family of Fastify plugins, with the gateway registered ${order}`, async (t) => {
    const upstream = await fakeUpstream(t, {
      headers: { 'content-type': 'application/json', 'x-powered-by': 'php', location: '/things/1' },
      body: JSON.stringify({ secret: 1, text: 'a text that repeats itself. '.repeat(100) })
    })
    const { key, hash, id } = createApiKey()
    const policies = {
      auth: 'keys',
      authorize: { scopes: ['write'] },
      rateLimit: { name: 'orders', limit: 4, window: '1h', key: 'consumer' },
      securityHeaders: true,
      compression: { encodings: ['gzip'] },
      requireTls: { action: 'refuse', mode: 'observe' },
      validation: {
        query: { type: 'object', properties: { page: { type: 'integer' } }, additionalProperties: false },
        body: { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false }
      },
      filters: [
        {
          type: 'function',
          name: 'mine',
          request: () => ({ headers: { 'x-by': 'filter' } }),
          response: () => ({ headers: { 'x-seen': 'filter' } })
        }
      ],
      transform: {
        request: {
          headers: { set: { 'x-user': '{identity.subject}' } },
          json: [{ set: { '/by': '{identity.subject}' } }]
        },
        response: { json: [{ remove: ['/secret'] }], headers: { set: { 'x-done': 'yes' } } }
      }
    } as const
    const options = {
      pools: { api: { endpoints: [upstream.url] } },
      authentication: {
        schemes: { keys: { type: 'apiKey', keys: [{ hash, id, consumer: 'acme', scopes: ['write'] }] } },
        consumers: { acme: {} },
        failures: false
      },
      routes: [{ path: '/api/*', pool: 'api', cors: { origins: [PAGE.origin] }, ...policies }]
    } as unknown as GatewayPluginOptions
    const app = fastify()
    t.after(() => app.close())
    if (order === 'first') await app.register(gateway, options)
    await registerFamily(app)
    if (order === 'last') await app.register(gateway, options)
    app.post('/native', { config: { gateway: { pool: 'api', ...policies } as never } }, app.gateway.forward)
    const ask = (url: string, headers: Record<string, string> = {}, payload: object = { name: 'ada' }) =>
      app.inject({ method: 'POST', url, headers: { ...PAGE, ...headers }, payload })
    const known = { 'x-api-key': key, 'x-user': 'eve', 'x-by': 'eve' }

    assert.equal((await ask('/api/x')).statusCode, 401)
    assert.equal((await ask('/native')).statusCode, 401)
    assert.equal((await ask('/api/x?page=one', known)).statusCode, 400)
    assert.equal((await ask('/native', known, { admin: true })).statusCode, 400)
    assert.equal(upstream.requests.length, 0)
    for (const url of ['/api/x?page=2', '/native']) {
      const answer = await ask(url, known)
      assert.equal(answer.statusCode, 200, url)
      const { secret, text } = JSON.parse(String(gunzipSync(answer.rawPayload))) as Record<string, unknown>
      assert.deepEqual([secret, typeof text], [undefined, 'string'])
      for (const [name, value] of [
        ['x-done', 'yes'],
        ['x-seen', 'filter'],
        ['x-powered-by', undefined],
        ['x-frame-options', 'SAMEORIGIN'],
        ['access-control-allow-origin', PAGE.origin]
      ] as const)
        assert.equal(answer.headers[name], value, `${url} ${name}`)
      const seen = upstream.requests.at(-1)
      assert.deepEqual(
        [seen?.headerAll('x-user'), seen?.headerAll('x-by'), seen?.headerAll('x-api-key')],
        [[id], ['filter'], []]
      )
      assert.equal(String(seen?.body), `{"name":"ada","by":"${id}"}`)
    }
    // The limit is one for both, and has counted what was not valid.
    for (const url of ['/api/x', '/native']) assert.equal((await ask(url, known)).statusCode, 429, url)
    assert.equal(upstream.requests.length, 2)
  })
