import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

const respond = (body: string) => [{ path: '/*', respond: { status: 200, body } }] as const

test('a gateway that is not ready takes no change', async (t) => {
  const gateway = createGateway({ logger: false, accessLog: false, routes: respond('one') })
  t.after(() => gateway.close())
  await assert.rejects(gateway.apply({ routes: respond('two') }), {
    code: 'GW_VALUE_INVALID',
    message: /gateway\.apply\(\).*once the gateway is ready/
  })
  await gateway.ready()
  assert.equal((await gateway.inject('/')).body, 'one')
  await gateway.apply({ accessLog: false, logger: false, routes: respond('two') })
  assert.equal((await gateway.inject('/')).body, 'two')
})

test('a change begins from what runs: pools, routes and hooks that were added by calls among it', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'users' })
  const guarded: string[] = []
  const { gateway, url } = await reloading(t, {}, (built) =>
    built
      .pool('users', upstream.url)
      .route('/users/*', { pool: 'users' })
      .hook('onRequest', async ({ url }) => void guarded.push(url))
  )
  await gateway.apply((config) => ({
    ...config,
    routes: [...(config.routes ?? []), { path: '/hello', handler: () => ({ hello: 'world' }) }]
  }))
  assert.equal(await (await fetch(`${url}/users/1`)).text(), 'users')
  assert.deepEqual(await (await fetch(`${url}/hello`)).json(), { hello: 'world' })
  assert.deepEqual(guarded, ['/users/1', '/hello'])
  await gateway.apply(({ hooks: _, ...config }) => ({ ...config, routes: config.routes?.slice(1) ?? [] }))
  assert.deepEqual([(await fetch(`${url}/users/1`)).status, (await fetch(`${url}/hello`)).status], [404, 200])
  assert.equal(guarded.length, 2)
})

test('what a change leaves out has the default of a gateway that begins with it', async (t) => {
  const shutdown = { signals: false, drain: '0ms' } as const
  const { gateway } = await reloading(t, { accessLog: false, shutdown, routes: respond('one') })
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) > 0 }
  await gateway.apply({ logger: false, shutdown, routes: respond('two') }, { dryRun: true })
  assert.equal(gateway.config.accessLog, false)
  await gateway.apply({
    logger: false,
    shutdown,
    routes: respond('two'),
    accessLog: { query: true, destination }
  })
  assert.deepEqual(gateway.config.accessLog, { query: true, destination })
  await gateway.apply({ logger: false, shutdown, routes: respond('two') })
  assert.equal(gateway.config.accessLog, true)
  const begun = createGateway({ routes: respond('three') }).config
  assert.deepEqual(begun, { accessLog: true, pools: {}, policies: {}, routes: respond('three'), hooks: {} })
})

test('a change that is wrong, or not a configuration, is told whole and changes nothing', async (t) => {
  const { gateway, url } = await reloading(t, { accessLog: false, routes: respond('one') })
  for (const wrong of [null, 5, 'x', [], () => null] as never[])
    await assert.rejects(gateway.apply(wrong), { code: 'GW_CONFIG_INVALID', message: /must be an object/ })
  await assert.rejects(
    gateway.apply({
      logger: false,
      accessLog: false,
      pools: { a: {} as never },
      routes: [{ path: 'x', respond: {} }]
    }),
    ({ message }: Error) => /pools\.a: /.test(message) && /routes\[0\]\.path/.test(message)
  )
  await assert.rejects(
    gateway.apply(() => {
      throw new RangeError('mine')
    }),
    RangeError
  )
  assert.equal(await (await fetch(url)).text(), 'one')
  assert.equal(gateway.app.gateway.snapshot.revision, 1)
})

test('times of the shutdown are those that the running configuration says when it begins', async (t) => {
  const upstream = await fakeUpstream(t, (_request, respond) => respond.interim(103, {}))
  const { gateway, url } = await reloading(t, {
    shutdown: { drain: '596h' },
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'api' }]
  })
  const ended = fetch(url).then(
    ({ status }) => status,
    () => 'cut off'
  )
  await upstream.request(1)
  await gateway.apply((config) => ({ ...config, shutdown: { drain: '0ms' } }))
  await gateway.close()
  assert.ok([503, 'cut off'].includes(await ended))
})
