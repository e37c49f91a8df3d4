import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { createApiKey, createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, gatewayKit } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'
import { reloading } from '../support/reloading.js'

const respond = { status: 204 } as const

test('a signature that was taken before a change is not taken after it', async (t) => {
  const secret = 'a secret of thirty-two bytes, ok'
  const config = (more: object = {}): GatewayServerConfig => ({
    authentication: { schemes: { hook: { type: 'webhook', format: 'slack', secrets: [secret] } }, ...more },
    routes: [{ path: '/*', respond, auth: 'hook' }]
  })
  const { url, change } = await reloading(t, config())
  const time = String(Math.floor(Date.now() / 1_000))
  const headers = {
    'x-slack-request-timestamp': time,
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${time}:x`).digest('hex')}`
  }
  const status = async () => (await fetch(url, { method: 'POST', body: 'x', headers })).status
  assert.equal(await status(), 204)
  await change(config({ realm: 'other' }))
  assert.equal(await status(), 401)
})

test('decisions of a service go on over a change, and another setting of the scheme begins anew', async (t) => {
  const service = await fakeUpstream(t)
  const config = (more: object = {}): GatewayServerConfig => ({
    pools: { auth: { endpoints: [service.url] } },
    authentication: { schemes: { gate: { type: 'forward', pool: 'auth', cache: { ttl: '1h' }, ...more } } },
    routes: [{ path: '/*', respond, auth: 'gate' }]
  })
  const { url, change } = await reloading(t, config())
  const ask = async () => assert.equal((await fetch(url)).status, 204)
  await ask()
  await change({ ...config(), requestIdHeader: 'x-id' })
  await ask()
  assert.equal(service.requests.length, 1)
  await change(config({ requestHeaders: ['cookie'] }))
  await ask()
  assert.equal(service.requests.length, 2)
})

test('a change that is refused leaves everything as it was', async (t) => {
  const { key, hash } = createApiKey()
  const routes = [{ path: '/*', respond, auth: 'keys' }]
  const authentication = { schemes: { keys: { type: 'apiKey', keys: [{ hash }] } } } as const
  const { url, change, gateway } = await reloading(t, { authentication, routes } as never)
  const status = async () => (await fetch(url, { headers: { 'x-api-key': key } })).status
  for (const wrong of [
    { authentication: { schemes: {} } },
    { authentication: { schemes: { keys: { type: 'apiKey', file: '/nowhere' } } } },
    { authentication: { schemes: { keys: { type: 'forward', pool: 'none' } } } },
    { auth: { default: 'deny' }, routes: [{ path: '/*', respond }] }
  ]) {
    await assert.rejects(change(wrong as never), { code: 'GW_CONFIG_INVALID' })
    assert.equal(await status(), 204)
  }
  await change({
    authentication: { schemes: { keys: { type: 'apiKey', keys: [{ hash: createApiKey().hash }] } } }
  })
  assert.equal(await status(), 401)
  const { steps } = await gateway.explain({ url: '/' })
  assert.deepEqual(steps, ['onRequest: authentication keys'])
})

test('limits may be counted by the consumer, whichever of its keys it comes with', async (t) => {
  const keys = [createApiKey(), createApiKey(), createApiKey()]
  const { ask } = await guarded(
    t,
    {
      schemes: {
        keys: {
          type: 'apiKey',
          keys: keys.map(({ hash }, index) => ({ hash, consumer: index < 2 ? 'acme' : 'bolt' }))
        }
      },
      consumers: { acme: {}, bolt: {} }
    },
    { auth: 'keys', rateLimit: { limit: 2, window: '1h', key: 'consumer' } }
  )
  const status = async (index: number) => (await ask('/', { 'x-api-key': keys[index]?.key ?? '' })).status
  assert.deepEqual([await status(0), await status(1), await status(0), await status(2)], [200, 200, 429, 200])
  assert.equal((await ask('/', { 'x-api-key': 'x' })).status, 401)
})

test('a rule that never answers is unavailable after five seconds', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      logger: false,
      accessLog: false,
      routes: [{ path: '/*', respond, authorize: { check: () => new Promise<boolean>(() => {}) } }]
    },
    kit.seams
  )
  t.after(() => gateway.close())
  const { status, reason, elapsedMs } = await kit.request(gateway, '/')
  assert.deepEqual([status, reason, elapsedMs], [503, 'auth_unavailable', 5_000])
})

test('a client that has failed too often is let in without credentials where none are needed', async (t) => {
  const { hash } = createApiKey()
  const { ask } = await guarded(
    t,
    {
      schemes: {
        tokens: { type: 'jwt', issuer: 'https://a.test', audience: 'x', keys: { secret: 's'.repeat(32) } },
        keys: { type: 'apiKey', keys: [{ hash }] }
      },
      failures: { limit: 1, window: '1h' }
    },
    { auth: { any: ['tokens', 'keys'], optional: true } }
  )
  assert.equal((await ask('/', { authorization: 'Bearer x' })).status, 401)
  assert.equal((await ask('/', { authorization: 'Bearer x' })).status, 429)
  assert.equal((await ask('/', { 'x-api-key': 'x' })).status, 429)
  assert.equal((await ask('/')).status, 200)
})
