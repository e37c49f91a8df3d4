import assert from 'node:assert/strict'
import test from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'

const quiet = { logger: false, accessLog: false } as const

test('fluent and declarative make the same configuration', async (t) => {
  const upstream = await fakeUpstream(t)
  const declarative: GatewayServerConfig = {
    ...quiet,
    pools: { users: { endpoints: [upstream.url] } },
    policies: { quick: { timeout: '1s' } },
    routes: [{ path: '/users/*', pool: 'users', use: ['quick'] }]
  }
  const fluent = createGateway(quiet)
    .pool('users', [upstream.url])
    .policy('quick', { timeout: '1s' })
    .route('/users/*', { pool: 'users', use: ['quick'] })
  const other = createGateway(declarative)
  t.after(() => Promise.all([fluent.close(), other.close()]))
  await Promise.all([fluent.ready(), other.ready()])
  const shape = ({ app }: typeof fluent) => {
    const { pools, policies, routes } = app.gateway.snapshot.config
    return {
      pools,
      policies,
      routes,
      compiled: app.gateway.snapshot.routes.map(({ id, timeouts }) => [id, timeouts])
    }
  }
  assert.deepEqual(shape(fluent), shape(other as typeof fluent))
  assert.equal((await fluent.inject('/users/7')).statusCode, 200)
})

test('three lines make a gateway', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const gateway = createGateway(quiet).route('/*', new URL(upstream.url))
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  assert.equal(await (await fetch(`${url}/a/b?c=1`)).text(), 'hello')
  assert.equal(upstream.requests[0]?.target, '/a/b?c=1')
})

test('a configuration is refused with all its problems at once, and nothing listens', async (t) => {
  const config = {
    ...quiet,
    pools: { users: { endpoints: ['not a url'], balancing: 'p3c' } },
    routes: [{ path: '/a', pool: 'usrs' }],
    shutdwn: {}
  } as unknown as GatewayServerConfig
  const shape = createGateway(config)
  t.after(() => shape.close())
  await assert.rejects(shape.listen({ port: 0 }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'GW_CONFIG_INVALID')
    assert.match(error.message, /unknown key 'shutdwn'; did you mean 'shutdown'\?/)
    return true
  })
  assert.equal(shape.app.server.listening, false)

  const { shutdwn: _, ...wellShaped } = config as unknown as Record<string, unknown>
  const names = createGateway(wellShaped as GatewayServerConfig)
  t.after(() => names.close())
  await assert.rejects(names.ready(), (error: Error) => {
    for (const part of [
      "'not a url' must be a URL",
      "'p3c'; did you mean 'p2c'?",
      "'usrs'; did you mean 'users'?"
    ])
      assert.ok(error.message.includes(part), `${part} in\n${error.message}`)
    return true
  })
})

test('what is added after the start is refused', async (t) => {
  const gateway = createGateway(quiet).pool('a', ['http://127.0.0.1:1'])
  t.after(() => gateway.close())
  await gateway.ready()
  assert.throws(() => gateway.route('/*', { pool: 'a' }), /before the gateway is ready/)
})

test('a request that no route matches is 404 with its request id', async (t) => {
  const gateway = createGateway(quiet).pool('a', ['http://127.0.0.1:1']).route('/a/*', { pool: 'a' })
  t.after(() => gateway.close())
  const { statusCode, headers, json } = await gateway.inject('/b')
  assert.equal(statusCode, 404)
  assert.equal(headers['content-type'], 'application/problem+json')
  assert.equal(json().reason, 'route_not_found')
  assert.equal(json().requestId, headers['x-request-id'])
})

test('a custom handler answers instead of an upstream, and may forward after all', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'from upstream' })
  const gateway = createGateway(quiet)
    .pool('a', [upstream.url])
    .route('/sync', (_request, reply) => {
      reply.send({ by: 'handler' })
    })
    .route('/async', async () => ({ by: 'promise' }))
    .route('/both', function both(request, reply) {
      if (request.exchange) request.exchange.pool = this.gateway.pool('a')
      this.gateway.forward.call(this, request, reply)
    })
  t.after(() => gateway.close())
  assert.deepEqual((await gateway.inject('/sync')).json(), { by: 'handler' })
  assert.deepEqual((await gateway.inject('/async')).json(), { by: 'promise' })
  assert.equal((await gateway.inject('/both')).body, 'from upstream')
})

test('a balancing policy added in code can be named by pools', async (t) => {
  const [a, b] = [await fakeUpstream(t, { body: 'a' }), await fakeUpstream(t, { body: 'b' })]
  const gateway = createGateway(quiet)
    .balancer({ name: 'last', create: () => ({ name: 'last', pick: (all) => all.at(-1) ?? all[0] }) })
    .pool('p', { endpoints: [a.url, b.url], balancing: 'last' })
    .route('/*', { pool: 'p' })
  t.after(() => gateway.close())
  assert.equal((await gateway.inject('/')).body, 'b')
})

test('a port alone is not taken for options of listen(), and nothing listens', async (t) => {
  const gateway = createGateway(quiet)
  t.after(() => gateway.close())
  for (const wrong of [8080, '8080', null])
    await assert.rejects(gateway.listen(wrong as never), { code: 'GW_VALUE_INVALID' })
  await assert.rejects(gateway.listen(8080 as never), {
    message: 'listen() must be given an object such as { port: 8080 }, not 8080'
  })
  assert.equal(gateway.app.server.listening, false)
})

test('a path alone is not taken for a request to explain', async (t) => {
  const gateway = createGateway(quiet)
  t.after(() => gateway.close())
  for (const wrong of ['/x', undefined, { path: '/x' }])
    await assert.rejects(gateway.explain(wrong as never), {
      code: 'GW_VALUE_INVALID',
      message: /^explain\(\) must be given an object such as \{ url: '\/x' \}, not /
    })
})

test('what comes after the gateway is ready is refused with a code', async (t) => {
  const gateway = createGateway(quiet)
  t.after(() => gateway.close())
  await gateway.ready()
  assert.throws(() => gateway.route('/x', 'http://a.test'), {
    code: 'GW_VALUE_INVALID',
    message: 'gateway.route() must be called before the gateway is ready'
  })
})

test('a list in place of what a route is given is told as a pool that it is not', async (t) => {
  const gateway = createGateway(quiet).route('/x', ['http://a.test'] as never)
  t.after(() => gateway.close())
  await assert.rejects(gateway.ready(), { message: /routes\[0\]\.pool: a list must be a string/ })
})
