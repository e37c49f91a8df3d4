import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import gatewayPlugin, { type RouteHooks } from '@gatewright/gateway'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import Fastify, { type FastifyRequest } from 'fastify'
import { recordedGateway } from '../support/recorded-gateway.js'
import { singlePool } from '../support/single-pool.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }
const POST = crlf`POST /slow HTTP/1.1\nHost: a\nContent-Length: 10\n\n12345`
const GET = crlf`GET /slow HTTP/1.1\nHost: a\n\n`
const OTHER = crlf`GET /other HTTP/1.1\nHost: a\n\n`

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A hook that holds requests for `/slow` until the test lets them go. */
function holding() {
  const begun = deferred<FastifyRequest>()
  const free = deferred<void>()
  async function hold(request: FastifyRequest): Promise<void> {
    if (request.url !== '/slow') return
    begun.resolve(request)
    await free.promise
  }
  return { hold, begun: begun.promise, free: free.resolve }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

for (const phase of ['onRequest', 'preHandler'] as const)
  for (const [what, text] of [
    ['a GET', GET],
    ['a POST that is not whole', POST]
  ] as const)
    test(
      `${what} whose client leaves during an asynchronous ${phase} hook is never sent upstream`,
      bounded,
      async (t) => {
        const upstream = await fakeUpstream(t)
        const { hold, begun, free } = holding()
        const { gateway, port, line, metric } = await recordedGateway(t, {
          ...singlePool(upstream.url, { connections: { max: 1, maxQueue: 0 } }),
          hooks: { [phase]: hold } as RouteHooks
        })
        const client = await rawClient(port, { t })
        await client.write(text)
        await begun
        client.reset()
        const gone = await line(1)
        free()
        await settled()
        // The only connection is free for others.
        assert.equal((await rawRequest(port, OTHER)).status, 200)
        assert.deepEqual(
          upstream.requests.map(({ target }) => target),
          ['/other']
        )
        assert.deepEqual([gone.status, gone.reason, gone.attempts], [499, 'client_closed', null])
        const { name } = gateway.app.gateway.pool('upstream').endpoints[0] ?? { name: '' }
        assert.equal(await metric(`proxy_upstream_requests_total{pool="upstream",endpoint="${name}"}`), 1)
        assert.equal(gateway.app.flightRecorder.last().at(-1)?.attemptCount, 0)
        assert.equal(gateway.app.gateway.inFlight, 0)
      }
    )

test(
  'a request whose client leaves before its exchange is opened is not sent upstream, and is told of once',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { hold, begun, free } = holding()
    const { gateway, port, line, lines } = await recordedGateway(
      t,
      singlePool(upstream.url, {}, { concurrency: { max: 1 } } as never),
      // A hook of the app runs before those of the gateway's routes.
      (builder) => builder.app.addHook('onRequest', hold)
    )
    const client = await rawClient(port, { t })
    await client.write(GET)
    const { raw } = await begun
    client.reset()
    await new Promise((resolve) => raw.socket.once('close', resolve))
    free()
    const gone = await line(1)
    assert.deepEqual([gone.status, gone.reason, gone.path], [499, 'client_closed', '/slow'])
    assert.equal((await rawRequest(port, OTHER)).status, 200)
    await line(2)
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/other']
    )
    assert.equal(lines.length, 2)
    assert.equal(gateway.app.gateway.inFlight, 0)
  }
)

test(
  'a request whose connection a hook of the app has destroyed, and which goes on, is told of once',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { gateway, port, line, lines } = await recordedGateway(
      t,
      singlePool(upstream.url, {}, { concurrency: { max: 1 } } as never),
      (builder) =>
        builder.app.addHook('onRequest', (request, _reply, done) => {
          if (request.url === '/slow') request.raw.socket.destroy()
          done()
        })
    )
    const client = await rawClient(port, { t })
    await client.write(GET)
    await client.closed
    await settled()
    assert.equal((await rawRequest(port, OTHER)).status, 200)
    await line(2)
    assert.deepEqual(
      lines.map(({ path, status }) => [path, status]),
      [
        ['/slow', 499],
        ['/other', 200]
      ]
    )
    assert.equal(gateway.app.gateway.inFlight, 0)
  }
)

test('a handler that forwards after its client has left sends nothing', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const app = Fastify()
  t.after(() => app.close())
  const begun = deferred<void>()
  const free = deferred<void>()
  await app.register(gatewayPlugin, { pools: { upstream: { endpoints: [upstream.url] } } })
  app.post('/slow', { config: { gateway: { pool: 'upstream' } } }, async (request, reply) => {
    begun.resolve()
    await free.promise
    return app.gateway.forward(request, reply) as never
  })
  const { nth } = watchExchanges({ gateway: { app } as never })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = await rawClient((app.server.address() as { port: number }).port, { t })
  await client.write(POST)
  await begun.promise
  client.reset()
  const exchange = await nth(1)
  free.resolve()
  await settled()
  assert.deepEqual([exchange.status, exchange.attempts.length], [499, 0])
  assert.equal(upstream.connections.length, 0)
})

test(
  'a hook that buffers what another makes of a body hears of a client that leaves',
  bounded,
  async (t: TestContext) => {
    const upstream = await fakeUpstream(t)
    const app = Fastify()
    t.after(() => app.close())
    const failed = deferred<unknown>()
    await app.register(gatewayPlugin, { pools: { upstream: { endpoints: [upstream.url] } } })
    app.route({
      method: 'POST',
      url: '/slow',
      config: { gateway: { pool: 'upstream' } },
      preParsing: async (_request, _reply, payload) => payload.pipe(new PassThrough()),
      preHandler: async (request) => {
        await request.exchange?.buffer().catch((error: unknown) => {
          failed.resolve(error)
          throw error
        })
      },
      handler: app.gateway.forward as never
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = await rawClient((app.server.address() as { port: number }).port, { t })
    await client.write(POST)
    await settled()
    client.reset()
    assert.equal(((await failed.promise) as { reason?: string }).reason, 'client_closed')
    assert.equal(upstream.connections.length, 0)
  }
)
