import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  createGateway,
  type GatewayBuilder,
  type GatewayServerConfig,
  type PoolConfig
} from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, reloadSuite } from '@gatewright/testing'
import type { FastifyInstance } from 'fastify'

const A = 'http://a.test'
const B = 'http://b.test'
const C = 'http://c.test'

interface Watched {
  readonly kit: GatewayKit
  readonly gateway: GatewayBuilder
  /** Changes of health: `a healthy`. */
  readonly told: string[]
  /** When probes began, in milliseconds after the start: `a 120`. */
  readonly probes: string[]
  /** To be used as `health.check`: what `fails` names is unhealthy. */
  readonly check: (endpoint: { readonly url: string }) => Promise<boolean>
  readonly fails: Set<string>
  config(pool: PoolConfig, more?: GatewayServerConfig): GatewayServerConfig
  /** Replaces the configuration. */
  change(pool: PoolConfig, more?: GatewayServerConfig): Promise<void>
  health(): Record<string, string>
}

/** A gateway on virtual time whose one pool is changed. */
async function watched(t: TestContext, first: (check: Watched['check']) => PoolConfig): Promise<Watched> {
  const kit = gatewayKit()
  const probes: string[] = []
  const fails = new Set<string>()
  const startedAt = kit.time.now()
  const check: Watched['check'] = async ({ url }) => {
    probes.push(`${url.slice(7, 8)} ${Math.round(kit.time.now() - startedAt)}`)
    return !fails.has(url)
  }
  const config: Watched['config'] = (pool, more = {}) => ({
    accessLog: false,
    logger: false,
    pools: { main: { endpoints: [A, B], balancing: 'first', ...pool } },
    routes: [{ path: '/*', pool: 'main', retry: false }],
    ...more
  })
  const gateway = createGateway(config(first(check)), kit.seams) as GatewayBuilder
  t.after(() => gateway.close())
  await gateway.ready()
  const told: string[] = []
  gateway.app.gateway.events.on('endpoint_health', ({ endpoint, to }) => {
    told.push(`${endpoint.url.slice(7, 8)} ${to}`)
  })
  return {
    kit,
    gateway,
    told,
    probes,
    check,
    fails,
    config,
    async change(pool, more) {
      await gateway.app.gateway.apply(config(pool, more))
    },
    health: () =>
      Object.fromEntries(gateway.app.health.states().map(({ endpoint, health }) => [endpoint, health]))
  }
}

const EVERY_SECOND = { interval: '1s', fastInterval: '100ms' } as const

test('probes of a pool that stays go on in their rhythm over 200 changes, refused ones and dry runs', async (t) => {
  const still = await watched(t, (check) => ({ health: { check, ...EVERY_SECOND } }))
  const moving = await watched(t, (check) => ({ health: { check, ...EVERY_SECOND } }))
  const { gateway, check } = moving
  for (let n = 0; n < 200; n++) {
    await still.kit.advance(25)
    await moving.kit.advance(25)
    const same = { health: { check, ...EVERY_SECOND } }
    await moving.change(same, { via: `v${n}` })
    await gateway.app.gateway.apply(moving.config({}), { dryRun: true })
    await assert.rejects(
      moving.change({ health: { check, interval: '1ms' } }, { routes: [{ path: 'x' }] as never })
    )
  }
  assert.ok(still.probes.length >= 8)
  assert.deepEqual(moving.probes, still.probes)
  assert.deepEqual(moving.told, still.told)
  assert.equal(
    moving.kit.time.nextAt() - moving.kit.time.now(),
    still.kit.time.nextAt() - still.kit.time.now()
  )
})

test('new settings of probes hold from the next probe, which comes soon, and streaks go on', async (t) => {
  const { kit, check, fails, change, told, probes } = await watched(t, (check) => ({
    endpoints: [A],
    health: { check, interval: '10m', fastInterval: '10m', unhealthyThreshold: 3 }
  }))
  fails.add(A)
  await kit.advance(20 * 60_000 - 1)
  assert.equal(probes.length, 2)
  assert.deepEqual(told, [])
  const health = {
    check,
    interval: '2s',
    fastInterval: '1s',
    unhealthyThreshold: 3,
    healthyThreshold: 1
  } as const
  await change({ endpoints: [A], health })
  await kit.advance(1_000)
  assert.deepEqual([probes.length, told], [3, ['a unhealthy']])
  fails.clear()
  await kit.advance(2_000)
  assert.deepEqual([probes.length, told], [4, ['a unhealthy', 'a healthy']])
  // Changes that come faster than probes do not keep these from coming.
  for (let n = 0; n < 100; n++) {
    await change({ endpoints: [A], health: { ...health, timeout: `${n + 1}s` } })
    await kit.advance(50)
  }
  assert.ok(probes.length > 6, String(probes.length))
})

test('probes that are switched off stop, and what they found no longer counts; switched on, they begin', async (t) => {
  const { kit, check, fails, change, told, probes, health } = await watched(t, () => ({}))
  fails.add(A)
  await kit.advance(5_000)
  assert.deepEqual(probes, [])
  await change({ health: { check, ...EVERY_SECOND } })
  await kit.advance(2_000)
  assert.deepEqual(told.splice(0).sort(), ['a unhealthy', 'b healthy'])
  const seen = probes.length
  await change({})
  assert.deepEqual(told.splice(0).sort(), ['a unknown', 'b unknown'])
  await kit.advance(60_000)
  assert.equal(probes.length, seen)
  assert.deepEqual(health(), { [A]: 'unknown', [B]: 'unknown' })
  assert.equal(kit.time.nextAt(), Number.POSITIVE_INFINITY)
})

test('an endpoint that a change adds is probed, one that it takes away no more, the others as before', async (t) => {
  const { kit, check, change, told, probes } = await watched(t, (check) => ({
    health: { check, ...EVERY_SECOND }
  }))
  await kit.advance(1_000)
  await change({ endpoints: [B, C], health: { check, ...EVERY_SECOND } })
  probes.length = 0
  await kit.advance(3_000)
  const of = (name: string): number => probes.filter((probe) => probe.startsWith(name)).length
  assert.deepEqual([of('a'), of('b'), of('c')], [0, 3, 3])
  assert.deepEqual(told.sort(), ['a healthy', 'b healthy', 'c healthy'])
})

test('a pool that is gone is probed no more, and no timer of it is left; one that comes is probed', async (t) => {
  const { kit, check, fails, change, told, probes } = await watched(t, (check) => ({
    health: { check, ...EVERY_SECOND },
    outlierDetection: { consecutiveErrors: 1, ejection: '1h', maxEjection: '1h' },
    slowStart: { window: '1h' }
  }))
  await kit.advance(2_000)
  fails.add(A)
  await change({}, { pools: { other: { endpoints: [B], health: { check, ...EVERY_SECOND } } }, routes: [] })
  probes.length = told.length = 0
  await kit.advance(3_000)
  assert.deepEqual([...new Set(probes.map((probe) => probe.slice(0, 1)))], ['b'])
  assert.deepEqual(told, ['b healthy'])
  await change({}, { pools: {}, routes: [] })
  await kit.advance(100)
  assert.equal(kit.time.nextAt(), Number.POSITIVE_INFINITY)
})

test('ejections, forced states, slow start and drains stay by endpoint when the pool changes', async (t) => {
  const first = {
    endpoints: [A, B, C],
    outlierDetection: { consecutiveErrors: 2 },
    slowStart: { window: '100s' }
  } as const
  const { kit, gateway, change, told, health } = await watched(t, () => first)
  kit.upstream(A).fails(10, { status: 500 })
  await kit.request(gateway, '/')
  // The fault before the change counts.
  await change({ ...first, timeouts: { connect: '1s' } })
  await kit.request(gateway, '/')
  assert.deepEqual(told, ['a ejected'])
  gateway.app.health.force('main', C, 'down')
  gateway.app.gateway.pool('main').drain(B)
  await change({ ...first, outlierDetection: { consecutiveErrors: 7 } })
  assert.deepEqual(health(), { [A]: 'ejected', [B]: 'unknown', [C]: 'unhealthy' })
  assert.equal(gateway.app.health.states()[2]?.forced, 'down')
  assert.equal(gateway.app.gateway.pool('main').endpoint(B).draining, true)
  await kit.advance(30_000)
  assert.deepEqual(told, ['a ejected', 'c unhealthy', 'a unknown'])
  const weight = (): number => gateway.app.gateway.pool('main').endpoint(A).weight
  const soon = weight()
  assert.ok(soon < 0.2)
  await kit.advance(50_000)
  assert.ok(Math.abs(weight() - 0.5) < 0.02, String(weight()))
  await change({ ...first, slowStart: { window: '200s' } })
  await kit.advance(100)
  assert.ok(Math.abs(weight() - 0.25) < 0.02, String(weight()))
  await change({ endpoints: [A, B, C] })
  assert.equal(weight(), 1)
})

for (const [how, outlierDetection] of [
  ['off', false],
  ['only observed', { mode: 'observe' }]
] as const)
  test(`an ejection ends when ejections are ${how}`, async (t) => {
    const { kit, gateway, change, told } = await watched(t, () => ({
      outlierDetection: { consecutiveErrors: 1 }
    }))
    kit.upstream(A).fails(1, { status: 500 })
    await kit.request(gateway, '/')
    await change({ outlierDetection })
    assert.deepEqual(told, ['a ejected', 'a unknown'])
    kit.upstream(A).fails(9, { status: 500 })
    for (let n = 0; n < 9; n++) await kit.request(gateway, '/')
    assert.deepEqual(told, ['a ejected', 'a unknown'])
  })

test('an endpoint that left unhealthy, and returns when nothing probes it any more, is unknown', async (t) => {
  const { kit, check, fails, change, health } = await watched(t, (check) => ({
    health: { check, ...EVERY_SECOND }
  }))
  fails.add(A)
  await kit.advance(3_000)
  assert.equal(health()[A], 'unhealthy')
  await change({ endpoints: [B], health: { check, ...EVERY_SECOND } })
  await change({ endpoints: [B] })
  await change({ endpoints: [A, B] })
  assert.equal(health()[A], 'unknown')
})

test('an attempt that began before a change counts for its endpoint', async (t) => {
  const first = { outlierDetection: { consecutiveErrors: 2 } }
  const { kit, gateway, change, told } = await watched(t, () => first)
  kit.upstream(A).thenSlow('1s', { status: 500 }).fails(1, { status: 500 })
  const running = kit.request(gateway, '/1')
  while (kit.upstream(A).seen.length < 1) await kit.advance(0)
  await change({ ...first, timeouts: { connect: '1s' } })
  await kit.request(gateway, '/2')
  assert.deepEqual(told, [])
  await running
  assert.deepEqual(told, ['a ejected'])
})

test('requests that run on a pool which is gone end, and nothing of them stays behind', async (t) => {
  const { kit, gateway, change, told } = await watched(t, () => ({
    outlierDetection: { consecutiveErrors: 1 }
  }))
  kit.upstream(A).thenSlow('1s', { status: 500 })
  const running = kit.request(gateway, '/')
  while (kit.upstream(A).seen.length < 1) await kit.advance(0)
  await change({}, { pools: {}, routes: [] })
  assert.equal((await running).status, 500)
  assert.deepEqual(told, [])
  await kit.advance(30_000)
  assert.equal(kit.time.nextAt(), Number.POSITIVE_INFINITY)
})

const always = async (): Promise<boolean> => true
const contract = (pool: PoolConfig): GatewayServerConfig => ({
  accessLog: false,
  logger: false,
  pools: {
    main: { endpoints: [A, B, C], balancing: 'first', ...pool },
    other: { endpoints: [A], health: { check: always } }
  },
  routes: [{ path: '/*', pool: 'main', retry: false }]
})

reloadSuite('health', {
  create: (config, seams) => createGateway(config, seams) as GatewayBuilder,
  config: () =>
    contract({
      health: { check: always, ...EVERY_SECOND },
      outlierDetection: { consecutiveErrors: 1, ejection: '1h', maxEjection: '1h' },
      slowStart: { window: '1h' }
    }),
  changed: () =>
    contract({
      endpoints: [A, B],
      health: { check: always, interval: '3s' },
      outlierDetection: { consecutiveErrors: 3, errorRatePercent: 50 },
      slowStart: { window: '2h' },
      unhealthy: { policy: 'all' }
    }),
  off: () => ({
    ...contract({ outlierDetection: false }),
    pools: { main: { endpoints: [A, B, C], balancing: 'first', outlierDetection: false } }
  }),
  async arrange(app, kit) {
    await kit.advance(2_000)
    kit.upstream(A).fails(1, { status: 500 })
    await kit.request(app, '/')
    ;(app as never as FastifyInstance).health.force('main', B, 'down')
  },
  observe: (app) => (app as never as FastifyInstance).health.states()
})
