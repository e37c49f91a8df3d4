import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError, gateway as plugin } from '@gatewright/gateway'
import { fakeUpstream, gate, rawClient } from '@gatewright/testing'
import Fastify from 'fastify'
import { reloading } from '../support/reloading.js'

const refuse = async (): Promise<never> => {
  throw new GatewayError('request_rejected', { detail: 'not allowed' })
}

test('a hook that a change adds guards the next request, in every phase that had none before', async (t) => {
  const upstream = await fakeUpstream(t)
  const pools = { api: { endpoints: [upstream.url] } }
  const routes = [{ path: '/*', pool: 'api' }] as const
  const { url, change } = await reloading(t, { pools, routes })
  assert.equal((await fetch(`${url}/x`)).status, 200)
  for (const hooks of [{ onRequest: refuse }, { preHandler: refuse }]) {
    await change({ routes: [{ path: '/*', pool: 'api', hooks }] })
    assert.equal((await fetch(`${url}/x`)).status, 400, Object.keys(hooks)[0])
  }
  await change({ hooks: { onRequest: refuse } })
  assert.equal((await fetch(`${url}/x`)).status, 400, 'of the whole gateway')
  await change({
    policies: { guarded: { hooks: { onRequest: refuse } } },
    routes: [{ path: '/*', pool: 'api', use: ['guarded'] }]
  })
  assert.equal((await fetch(`${url}/x`)).status, 400, 'of a policy')
  assert.equal(upstream.requests.length, 1)
  const told: string[] = []
  const ended = gate()
  await change({
    routes: [
      {
        path: '/*',
        pool: 'api',
        hooks: {
          onSend: async (_request, reply, payload) => {
            reply.header('x-sent', 'yes')
            return payload
          },
          onResponse: async ({ url: path }) => {
            told.push(path)
            ended.open()
          }
        }
      }
    ]
  })
  assert.equal((await fetch(`${url}/y`)).headers.get('x-sent'), 'yes')
  await ended
  assert.deepEqual(told, ['/y'])
  await change({})
  assert.equal((await fetch(`${url}/z`)).headers.get('x-sent'), null)
})

test('a hook that a change adds guards native routes too', async (t) => {
  const upstream = await fakeUpstream(t)
  const pools = { api: { endpoints: [upstream.url] } }
  const app = Fastify()
  t.after(() => app.close())
  await app.register(plugin, { pools, policies: { guarded: {} } })
  app.get('/own', { config: { gateway: { pool: 'api', use: ['guarded'] } } }, app.gateway.forward)
  await app.ready()
  assert.equal((await app.inject('/own')).statusCode, 200)
  await app.gateway.apply({ pools, policies: { guarded: { hooks: { onRequest: refuse } } } })
  assert.equal((await app.inject('/own')).statusCode, 400)
  await app.gateway.apply({ pools, policies: { guarded: {} }, hooks: { preHandler: refuse } })
  assert.equal((await app.inject('/own')).statusCode, 400)
  assert.equal(upstream.requests.length, 1)
})

test('how requests are read on arrival changes with the configuration', async (t) => {
  const upstream = await fakeUpstream(t)
  const first = {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'api' }]
  } as const
  const { url, change } = await reloading(t, first)
  const ask = (headers: Record<string, string> = {}, path = '/x') => fetch(url + path, { headers })
  const seen = (name: string) =>
    upstream.requests.at(-1)?.headers.find(([field]) => field.toLowerCase() === name)?.[1]

  const from = '203.0.113.9'
  assert.equal((await ask({ 'x-forwarded-for': from, 'x-request-id': 'mine' })).status, 200)
  assert.notEqual(seen('x-request-id'), 'mine')
  await change({ trustedProxies: ['127.0.0.1'] })
  await ask({ 'x-forwarded-for': from, 'x-request-id': 'mine' })
  assert.deepEqual([seen('x-request-id'), String(seen('x-forwarded-for')).split(',')[0]], ['mine', from])
  await change({})
  await ask({ 'x-forwarded-for': from, 'x-request-id': 'mine' })
  assert.notEqual(seen('x-request-id'), 'mine')

  await change({ reservedHeaders: ['x-user'] })
  await ask({ 'x-user': 'root' })
  assert.equal(seen('x-user'), undefined)
  await change({ maxHeaders: 10 })
  assert.equal(
    (await ask(Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`h${n}`, '1'])))).status,
    431
  )
  await change({ maxUrlSize: '64B' })
  assert.equal((await ask({}, `/${'x'.repeat(100)}`)).status, 414)
  await change({ underscores: 'drop' })
  await ask({ a_b: '1' })
  assert.equal(seen('a_b'), undefined)
  await change({ requestIdHeader: 'x-correlation-id' })
  assert.match((await ask()).headers.get('x-correlation-id') ?? '', /^[\da-f-]{36}$/)
  await change({ reasonHeader: true })
  assert.equal((await ask({ host: 'h' }, '/a%2fb')).headers.get('x-gw-reason'), 'path_rejected')
  await change({ paths: { policy: 'normalize' } })
  assert.equal((await ask({}, '/a/%62')).status, 200)
  assert.equal(upstream.requests.at(-1)?.target, '/a/b')
})

test('a request reads one configuration from its first byte to its last', async (t) => {
  const upstream = await fakeUpstream(t)
  const arrived = gate()
  const changed = gate()
  const first = {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ path: '/old', pool: 'api', rewrite: { set: '/from-old' } }]
  } as const
  const { gateway, url, change } = await reloading(t, first, (built) =>
    // Of the app's own: it runs when the target has been read, before the exchange is opened.
    built.app.addHook('onRequest', async ({ headers }) => {
      if (headers['x-wait'] === undefined) return
      arrived.open()
      await changed
    })
  )
  const waiting = fetch(`${url}/old`, { headers: { 'x-wait': 'yes' } })
  await arrived
  await change({ routes: [{ path: '/new', pool: 'api' }] })
  assert.equal(gateway.app.gateway.snapshot.revision, 2)
  changed.open()
  assert.equal((await waiting).status, 200)
  assert.deepEqual(
    upstream.requests.map((request) => request.target),
    ['/from-old']
  )
  assert.equal((await fetch(`${url}/old`)).status, 404)
  assert.equal((await fetch(`${url}/new`)).status, 200)
})

test('what the parser refuses is answered by the newest configuration', async (t) => {
  const { gateway, change } = await reloading(t, { routes: [{ path: '/*', respond: { status: 204 } }] })
  await change({ requestIdHeader: 'x-id', reasonHeader: true })
  const client = await rawClient(Number(new URL(gateway.app.listeningOrigin).port))
  await client.write('GET / HTTP/1.1\r\nbad header\r\n\r\n')
  const answer = await client.closed.then(() => client.received)
  assert.match(
    String(answer),
    /^HTTP\/1\.1 400 [\s\S]*\r\nx-id: [\s\S]*\r\nx-gw-reason: request_rejected\r\n/
  )
})
