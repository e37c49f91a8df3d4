import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fastifyRateLimit from '@fastify/rate-limit'
import {
  createGateway,
  fastifyStore,
  type GatewayServerConfig,
  MemoryStore,
  type RateLimitConfig,
  RedisStore
} from '@gatewright/gateway'
import { gatewayKit, rateLimitStoreContract, rateLimitStoreSuite, reloadSuite } from '@gatewright/testing'
import { fastify } from 'fastify'
import { Redis as IoRedis } from 'ioredis'
import { Redis } from 'iovalkey'
import { ensureCommand } from '../support/debian.js'
import { eventually } from '../support/eventually.js'
import { type RedisServer, startRedis } from '../support/redis.js'
import { reloading } from '../support/reloading.js'

rateLimitStoreSuite('memory', () => new MemoryStore())

/** A gateway that answers itself, behind whose limit is a store. */
async function limited(
  t: TestContext,
  rateLimit: RateLimitConfig,
  rateLimitStore: NonNullable<GatewayServerConfig['rateLimitStore']>
) {
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    metrics: { listener: 'probes', process: false },
    rateLimitStore,
    routes: [{ id: 'all', path: '/*', respond: { status: 204 }, rateLimit }]
  })
  t.after(() => gateway.close())
  await gateway.ready()
  return {
    gateway,
    statuses: async (count: number) =>
      (await Promise.all(Array.from({ length: count }, () => gateway.inject('/')))).map(
        ({ statusCode }) => statusCode
      ),
    metric: async (name: string) => {
      const { body } = await gateway.app.metrics.show()
      return new RegExp(`^${name} (.+)$`, 'm').exec(body)?.[1]
    }
  }
}

async function redisOr(t: TestContext): Promise<RedisServer | null> {
  const command = await ensureCommand(t, 'redis-server')
  return command === null ? null : startRedis(t, command)
}

const count = (statuses: readonly number[], status: number) => statuses.filter((one) => one === status).length

test('a Redis or Valkey client of ioredis and of iovalkey keeps the contract of stores', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  for (const Client of [IoRedis, Redis]) {
    const client = new Client(server.url)
    t.after(() => client.disconnect())
    await client.flushall()
    const store = new RedisStore({ client })
    for (const [index, { name, check }] of rateLimitStoreContract.entries())
      await t.test(name, () => check(store, `${index} `))
  }
})

test('keys in Redis expire when their limit is whole, and begin with the prefix', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const client = new Redis(server.url)
  t.after(() => client.disconnect())
  const { statuses } = await limited(
    t,
    { name: 'api', limit: 10, window: '1h' },
    { redis: client, prefix: '{mine}:', timeout: '10s' }
  )
  assert.deepEqual(await statuses(2), [204, 204])
  const keys = await client.keys('*')
  assert.deepEqual(keys, ['{mine}:name api|token-bucket|127.0.0.1'])
  const left = await client.pttl(String(keys[0]))
  assert.ok(left > 700_000 && left <= 720_000, String(left))
})

test('two gateways with one Redis admit exactly the limit together', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const limit = { name: 'api', limit: 100, window: '1h', key: { constant: 'all' } } as const
  const both = [
    await limited(t, limit, { redis: server.url, timeout: '10s' }),
    await limited(t, limit, { redis: server.url, timeout: '10s' })
  ]
  const all = (await Promise.all(both.map(({ statuses }) => statuses(500)))).flat()
  assert.deepEqual([count(all, 204), count(all, 429)], [100, 900])
})

test('a Redis that is killed under load loses no request: each process admits its share, until it is back', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const { statuses, metric } = await limited(
    t,
    { limit: 40, window: '1h', algorithm: 'fixed-window' },
    { redis: server.url, timeout: '10s', instances: 4, retryAfter: '20ms' }
  )
  assert.deepEqual(await statuses(1), [204])
  assert.equal(await metric('proxy_rate_limit_store_up'), '1')
  await server.kill()
  const without = await statuses(50)
  assert.deepEqual([count(without, 204), count(without, 429)], [10, 40])
  assert.equal(await metric('proxy_rate_limit_store_up'), '0')
  assert.ok(Number(await metric('proxy_rate_limit_store_failures_total')) >= 5)
  await server.restart()
  await eventually(async () => {
    await statuses(1)
    assert.equal(await metric('proxy_rate_limit_store_up'), '1')
  })
  assert.ok((await statuses(50)).includes(204))
})

test('two processes of the gateway with one Redis admit exactly the limit together', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const config = JSON.stringify({
    logger: false,
    accessLog: false,
    rateLimitStore: { redis: server.url, timeout: '10s' },
    routes: [{ path: '/*', respond: { status: 204 }, rateLimit: { limit: 100, window: '1h', key: 'route' } }]
  })
  const started = [0, 1].map(() => {
    const child = fork(fileURLToPath(new URL('../support/gateway-process.js', import.meta.url)), {
      env: { ...process.env, GATEWAY_CONFIG: config }
    })
    t.after(() => child.kill('SIGKILL'))
    return once(child, 'message') as Promise<[{ readonly url: string }]>
  })
  const urls = (await Promise.all(started)).map(([{ url }]) => url)
  const asked = urls.flatMap((url) => Array.from({ length: 300 }, async () => (await fetch(url)).status))
  const all = await Promise.all(asked)
  assert.deepEqual([count(all, 204), count(all, 429)], [100, 500])
})

test('requests that wait for a Redis that is killed are answered, each by the share of its process', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const { statuses } = await limited(
    t,
    { limit: 1_000, window: '1h', algorithm: 'fixed-window' },
    { redis: server.url, timeout: '10s', instances: 2, retryAfter: '10s' }
  )
  assert.deepEqual(await statuses(1), [204])
  // So that they are on their way and none is answered.
  server.signal('SIGSTOP')
  const waiting = statuses(300)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  await server.kill()
  const answered = await waiting
  assert.deepEqual([answered.length, count(answered, 204) + count(answered, 429)], [300, 300])
  assert.ok(count(answered, 204) > 0)
})

test('a Redis that does not answer holds a request for the time limit at most, and then none', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const { statuses, metric } = await limited(
    t,
    { limit: 100, window: '1h' },
    { redis: server.url, timeout: '20ms', failures: 2, retryAfter: '10m' }
  )
  server.signal('SIGSTOP')
  t.after(() => server.signal('SIGCONT'))
  assert.deepEqual(await statuses(2), [204, 204])
  assert.equal(await metric('proxy_rate_limit_store_up'), '0')
  const failures = await metric('proxy_rate_limit_store_failures_total')
  assert.deepEqual(await statuses(20), new Array(20).fill(204))
  assert.equal(await metric('proxy_rate_limit_store_failures_total'), failures)
})

test('scripts that are flushed are given anew, and a Redis that only reads is one that fails', async (t) => {
  const server = await redisOr(t)
  if (server === null) return
  const client = new Redis(server.url)
  client.on('error', () => {})
  t.after(() => client.disconnect())
  const { statuses, metric } = await limited(
    t,
    { limit: 4, window: '1h', onStoreFailure: 'open' },
    { redis: client, timeout: '10s', failures: 1_000 }
  )
  assert.deepEqual(await statuses(2), [204, 204])
  await client.script('FLUSH')
  assert.deepEqual(await statuses(1), [204])
  assert.equal(await metric('proxy_rate_limit_store_failures_total'), '0')
  await client.replicaof('127.0.0.1', 1)
  assert.deepEqual(await statuses(3), [204, 204, 204])
  assert.equal(await metric('proxy_rate_limit_store_failures_total'), '3')
})

/** A store that fails, or answers late, as it is told. */
class FailingStore extends MemoryStore {
  fails: 'throws' | 'rejects' | 'hangs' | 'garbage' | false = 'rejects'
  calls = 0

  override async take(...asked: Parameters<MemoryStore['take']>) {
    this.calls++
    if (this.fails === 'rejects') throw new Error('no store')
    if (this.fails === 'hangs') return await new Promise<never>(() => {})
    if (this.fails === 'garbage') return []
    return await super.take(...asked)
  }
}

test('while the store fails, a limit counts its share, lets pass or refuses, as it says', async (t) => {
  for (const [onStoreFailure, expected] of [
    ['local', [204, 204, 429]],
    ['open', [204, 204, 204]],
    ['closed', [503, 503, 503]]
  ] as const) {
    const store = new FailingStore()
    const { statuses, gateway } = await limited(
      t,
      { limit: 4, window: '1h', algorithm: 'fixed-window', onStoreFailure },
      { store, instances: 2 }
    )
    assert.deepEqual(await statuses(3), expected, onStoreFailure)
    if (onStoreFailure !== 'closed') continue
    const { headers, ...response } = await gateway.inject('/')
    assert.equal(response.json().reason, 'rate_limit_unavailable')
    assert.equal(headers['retry-after'], '1')
  }
})

test('a store that answers with something else, or throws, is one that fails', async (t) => {
  const store = new FailingStore()
  store.fails = 'garbage'
  const { statuses } = await limited(t, { limit: 1, window: '1h' }, { store })
  assert.deepEqual(await statuses(2), [204, 429])
  const throwing = {
    take() {
      throw new Error('at once')
    },
    charge: async () => {}
  }
  const other = await limited(t, { limit: 1, window: '1h' }, { store: throwing as never })
  assert.deepEqual(await other.statuses(2), [204, 429])
})

test('a store that fails is left alone for a time, and one request tries it again', async (t) => {
  const store = new FailingStore()
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      logger: false,
      accessLog: false,
      rateLimitStore: { store, failures: 3, retryAfter: '1s', timeout: '50ms' },
      routes: [{ path: '/*', respond: { status: 204 }, rateLimit: { limit: 1_000, window: '1h' } }]
    },
    kit.seams
  )
  t.after(() => gateway.close())
  await gateway.ready()
  const ask = async () => (await gateway.inject('/')).statusCode
  for (let n = 0; n < 10; n++) assert.equal(await ask(), 204)
  assert.equal(store.calls, 3)
  await kit.advance(1_000)
  assert.equal(await ask(), 204)
  assert.equal(await ask(), 204)
  assert.equal(store.calls, 4)
  store.fails = 'hangs'
  await kit.advance(1_000)
  const hanging = ask()
  assert.equal(await ask(), 204)
  assert.equal(store.calls, 5)
  await kit.advance(50)
  assert.equal(await hanging, 204)
  store.fails = false
  await kit.advance(1_000)
  await ask()
  await ask()
  assert.equal(store.calls, 7)
})

test('limits in memory stay beside shared ones, and give back what they took when the store refuses', async (t) => {
  const store = new MemoryStore()
  const { gateway } = await limited(
    t,
    [
      { name: 'here', limit: 10, window: '1h', store: 'memory', algorithm: 'fixed-window' },
      { name: 'there', limit: 2, window: '1h', algorithm: 'fixed-window' }
    ],
    { store }
  )
  const lefts = async () =>
    String((await gateway.inject('/')).headers.ratelimit)
      .match(/r=\d+/g)
      ?.join(' ')
  assert.deepEqual(await lefts(), 'r=9 r=1')
  assert.deepEqual(await lefts(), 'r=8 r=0')
  assert.deepEqual(await lefts(), 'r=8 r=0')
})

test('what a response cost is charged in the store', async (t) => {
  const store = new MemoryStore()
  const gateways = [0, 1].map(() =>
    createGateway({
      logger: false,
      accessLog: false,
      rateLimitStore: { store },
      routes: [
        {
          path: '/*',
          respond: { status: 200, body: 'x'.repeat(60) },
          rateLimit: { name: 'bytes', limit: 100, window: '1h', costAfter: 'response-bytes' }
        }
      ]
    })
  )
  const [one, other] = gateways
  for (const gateway of gateways) {
    t.after(() => gateway.close())
    await gateway.ready()
  }
  const url = await one?.listen({ port: 0, host: '127.0.0.1' })
  const ask = async () => {
    const response = await fetch(String(url))
    return [response.status, (await response.text()).length > 0 && response.headers.get('ratelimit')]
  }
  assert.match(String(await ask()), /^200,"bytes";r=100;t=0$/)
  await eventually(async () => assert.match(String((await other?.inject('/'))?.headers.ratelimit), /r=40/))
})

test('@fastify/rate-limit counts the other routes of an app in the same store, each route apart', async (t) => {
  const store = new MemoryStore()
  const apps = await Promise.all(
    [0, 1].map(async () => {
      const app = fastify()
      t.after(() => app.close())
      await app.register(fastifyRateLimit, { max: 3, timeWindow: '1 hour', store: fastifyStore(store) })
      app.get('/a', async () => 'a')
      app.get('/b', { config: { rateLimit: { max: 1 } } }, async () => 'b')
      return app
    })
  )
  const statuses = async (path: string, count: number) => {
    const all: number[] = []
    for (let n = 0; n < count; n++) all.push((await apps[n % 2]?.inject(path))?.statusCode ?? 0)
    return all
  }
  const first = await apps[0]?.inject('/a')
  assert.deepEqual([first?.statusCode, first?.headers['x-ratelimit-remaining']], [200, '2'])
  assert.deepEqual(await statuses('/a', 4), [200, 200, 429, 429])
  assert.deepEqual(await statuses('/b', 3), [200, 429, 429])
  const refused = await apps[0]?.inject('/b')
  assert.match(String(refused?.headers['retry-after']), /^3[56]\d\d$/)
})

test('a shared limit without a store, and stores that cannot be, are problems of the configuration', async () => {
  const route = { id: 'r', path: '/', respond: {}, rateLimit: { limit: 1, window: '1s' } }
  for (const [config, problem] of [
    [
      { routes: [{ ...route, rateLimit: { ...route.rateLimit, store: 'shared' } }] },
      /rateLimit 'default' is to be shared, but there is no 'rateLimitStore'/
    ],
    [{ rateLimitStore: {} }, /rateLimitStore: has no store; give 'redis' or 'store'/],
    [{ rateLimitStore: { redis: 'http://:secret@a' } }, /rateLimitStore\.redis: must be a URL such as/],
    [{ rateLimitStore: { redis: 'localhost:6379' } }, /rateLimitStore\.redis: must be a URL/],
    [{ rateLimitStore: { redis: {} } }, /rateLimitStore\.redis: must be a URL .* or a client/],
    [{ rateLimitStore: { store: {} } }, /rateLimitStore\.store: must have the methods take and charge/],
    [
      { rateLimitStore: { redis: 'redis://a', store: new MemoryStore() } },
      /rateLimitStore\.store: does nothing beside 'redis'/
    ],
    [
      { rateLimitStore: { store: new MemoryStore(), prefix: 'a' } },
      /rateLimitStore\.prefix: does nothing with 'store'/
    ]
  ] as const) {
    const gateway = createGateway({ logger: false, ...(config as GatewayServerConfig) })
    await assert.rejects(gateway.ready(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'GW_CONFIG_INVALID')
      assert.match(error.message, problem)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  }
})

test('a change of the configuration keeps the store, replaces it, or goes back to memory', async (t) => {
  const [first, second] = [new MemoryStore(), new MemoryStore()]
  const routes: NonNullable<GatewayServerConfig['routes']> = [
    { id: 'r', path: '/*', respond: { status: 204 }, rateLimit: { limit: 1, window: '1h' } }
  ]
  const { url, change } = await reloading(t, { routes, rateLimitStore: { store: first } })
  const status = async () => (await fetch(url)).status
  assert.deepEqual([await status(), await status()], [204, 429])
  await change({ routes: [...routes, { path: '/more', respond: {} }], rateLimitStore: { store: first } })
  assert.equal(await status(), 429)
  await change({ routes, rateLimitStore: { store: second } })
  assert.deepEqual([await status(), await status()], [204, 429])
  await change({ routes, rateLimitStore: false })
  assert.deepEqual([await status(), await status()], [204, 429])
  await change({ routes, rateLimitStore: { store: second } })
  assert.equal(await status(), 429)
})

const stored = (store: MemoryStore | null): GatewayServerConfig => ({
  logger: false,
  accessLog: false,
  ...(store !== null && { rateLimitStore: { store } }),
  pools: { main: { endpoints: ['http://a.test'] } },
  routes: [{ id: 'all', path: '/*', pool: 'main', rateLimit: { requestsPerSecond: 1_000 } }]
})
const kept = new MemoryStore()

reloadSuite('the store of rate limits', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => stored(kept),
  changed: () => stored(new MemoryStore()),
  off: () => stored(null)
})
