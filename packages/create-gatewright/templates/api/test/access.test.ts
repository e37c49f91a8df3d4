import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream, testIssuer } from '@gatewright/testing'
import { buildGateway } from '../src/gateway.js'
import { acme, CATALOG, demo, keys, ORDERS, virtual } from './virtual.js'

test('a request without a key is refused, and no service sees it', async (t) => {
  const { ask, seenBy } = virtual(t)

  const { status, reason } = await ask('/orders/1', { key: null })

  assert.deepEqual([status, reason], [401, 'unauthenticated'])
  assert.deepEqual(seenBy(ORDERS), [])
})

test('services learn who calls, by headers that no client can forge, and never get the key', async (t) => {
  const { ask, seenBy } = virtual(t)

  await ask('/orders/1', { headers: { 'x-consumer': 'somebody-else', 'x-plan': 'platinum' } })

  const [{ headers } = { headers: {} }] = seenBy(ORDERS) as { headers: Record<string, string> }[]
  assert.deepEqual(
    [headers['x-consumer'], headers['x-plan'], headers['x-api-key']],
    ['acme', 'gold', undefined]
  )
})

test('a token of the provider is as good as a key', async (t) => {
  const issuer = await testIssuer(t)
  const upstream = await fakeUpstream(t)
  const gateway = buildGateway({
    orders: [upstream.url],
    catalog: [upstream.url],
    keys,
    tokens: {
      issuer: issuer.url,
      audience: 'api',
      keys: { url: issuer.keysUrl, allowHttp: true }
    },
    quiet: true
  })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  const statusWith = async (claims: Record<string, unknown>): Promise<number> => {
    const authorization = `Bearer ${issuer.token(claims)}`
    return (await fetch(`${url}/orders/1`, { headers: { authorization } })).status
  }

  assert.equal(await statusWith({ aud: 'api', azp: 'acme' }), 200)
  assert.equal(await statusWith({ aud: 'another-api', azp: 'acme' }), 401)
  assert.equal(upstream.requests.find(({ target }) => target === '/orders/1')?.header('x-consumer'), 'acme')
})

test('each consumer has a quota of its own', async (t) => {
  const { ask } = virtual(t, { quota: 2 })
  const statuses: number[] = []

  for (const key of [acme.key, acme.key, acme.key, demo.key])
    statuses.push((await ask('/orders/1', { key })).status)

  assert.deepEqual(statuses, [200, 200, 429, 200])
})

test('a flood from one address is refused before anybody is asked for a key', async (t) => {
  const { ask } = virtual(t)
  const statuses = new Map<number, number>()

  for (let n = 0; n < 250; n++) {
    const { status } = await ask('/status', { key: null })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }

  assert.ok((statuses.get(429) ?? 0) > 0, JSON.stringify([...statuses]))
})

test('the catalog can only be read', async (t) => {
  const { ask, seenBy } = virtual(t)

  assert.equal((await ask('/catalog/1', { method: 'DELETE' })).status, 405)
  assert.deepEqual(seenBy(CATALOG), [])
})

test('pages of the origins that are listed may call', async (t) => {
  const { ask } = virtual(t, { corsOrigins: ['https://shop.example'] })
  const preflight = async (origin: string) =>
    (
      await ask('/orders/1', {
        method: 'OPTIONS',
        key: null,
        headers: { origin, 'access-control-request-method': 'GET' }
      })
    ).headers['access-control-allow-origin']

  assert.equal(await preflight('https://shop.example'), 'https://shop.example')
  assert.equal(await preflight('https://elsewhere.example'), undefined)
})
