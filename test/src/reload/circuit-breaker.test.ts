import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BreakerChanged } from '@gatewright/circuit-breaker'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, reloadSuite } from '@gatewright/testing'

type Breaker = NonNullable<NonNullable<GatewayServerConfig['pools']>[string]['circuitBreaker']>

const [A, B] = ['http://a.test', 'http://b.test'] as const
const QUICK = { minRequests: 2, openDuration: '10s' } as const

interface Breakers {
  readonly pool?: Breaker
  readonly route?: Breaker
  /** Where the route leads. Default `main`. */
  readonly to?: 'main' | 'other'
}

function configured(
  { pool, route, to = 'main' }: Breakers,
  more: GatewayServerConfig = {}
): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    pools: {
      main: { endpoints: [A], ...(pool === undefined ? {} : { circuitBreaker: pool }) },
      other: { endpoints: [B] }
    },
    routes: [
      { id: 'own', path: '/own', pool: to, ...(route === undefined ? {} : { circuitBreaker: route }) },
      { id: 'all', path: '/*', pool: 'main', fallback: { on: ['circuit_open'], pool: 'other' } }
    ],
    ...more
  }
}

reloadSuite('circuit breakers', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => configured({ pool: QUICK, route: { minRequests: 5 } }),
  changed: () => configured({ pool: { ...QUICK, errorThresholdPercent: 30 } }),
  off: () => configured({}),
  async arrange(app, kit) {
    kit.upstream(A).fails(3)
    for (const path of ['/own', '/own', '/own']) await kit.request(app, path)
  }
})

interface Broken {
  readonly kit: GatewayKit
  readonly told: BreakerChanged[]
  readonly app: ReturnType<typeof createGateway>['app']
  /** The state of the breakers. */
  states(): readonly string[]
  get(path: string): Promise<string>
  change(breakers: Breakers, more?: GatewayServerConfig): Promise<void>
}

async function broken(t: TestContext, first: Breakers): Promise<Broken> {
  const kit = gatewayKit()
  const gateway = createGateway(configured(first), kit.seams)
  const { app } = gateway
  t.after(() => gateway.close())
  await app.ready()
  const told: BreakerChanged[] = []
  app.gateway.events.on('breaker', (event) => void told.push(event))
  return {
    kit,
    app,
    told,
    states: () => app.circuitBreakers.states().map(({ key, state }) => `${key}: ${state}`),
    async get(path) {
      const { status, reason } = await kit.request(gateway, path)
      return reason ?? String(status)
    },
    async change(breakers, more) {
      await app.gateway.apply(configured(breakers, more))
    }
  }
}

test('a breaker that is open stays so over changes of other things and of its thresholds', async (t) => {
  const { kit, told, states, get, change } = await broken(t, { pool: QUICK })
  kit.upstream(A).fails(2)
  assert.deepEqual([await get('/own'), await get('/own'), await get('/own')], ['503', '503', 'circuit_open'])
  await change({ pool: QUICK }, { via: 'other' })
  await change({ pool: { ...QUICK, errorThresholdPercent: 90, slowCall: '1s' } })
  assert.deepEqual(states(), ['pool main: open'])
  assert.equal(await get('/own'), 'circuit_open')
  assert.equal(told.length, 1)
  await kit.advance(11_000)
  assert.equal(await get('/own'), '200')
  assert.deepEqual(states(), ['pool main: half_open'])
})

test('what is told of a breaker names the pool of the running configuration', async (t) => {
  const { kit, app, told, get, change } = await broken(t, { pool: QUICK })
  const before = app.gateway.pool('main')
  await change(
    {},
    {
      pools: {
        main: { endpoints: [A], circuitBreaker: QUICK, timeouts: { firstByte: '9s' } },
        other: { endpoints: [B] }
      }
    }
  )
  kit.upstream(A).fails(2)
  await get('/own')
  await get('/own')
  assert.notEqual(app.gateway.pool('main'), before)
  assert.equal(told[0]?.pool, app.gateway.pool('main'))
})

test("a route's own breaker is known by the route's id, and begins anew for another pool", async (t) => {
  const { kit, told, states, get, change } = await broken(t, { route: QUICK })
  kit.upstream(A).fails(2)
  await get('/own')
  await get('/own')
  const { routes = [], ...rest } = configured({ route: QUICK })
  await change({}, { ...rest, routes: routes.toReversed() })
  assert.deepEqual(states(), ['route own: open'])
  assert.equal(await get('/own'), 'circuit_open')
  assert.deepEqual(
    told.map(({ routeId, to }) => [routeId, to]),
    [['own', 'open']]
  )
  await change({ route: QUICK, to: 'other' })
  assert.deepEqual(states(), ['route own: closed'])
  assert.equal(await get('/own'), '200')
})

test('an attempt under way counts for its breaker when it ends after the change', async (t) => {
  const { kit, app, told, states, change } = await broken(t, { pool: QUICK })
  kit.upstream(A).thenSlow('1s', { status: 503 }).thenSlow('1s', { status: 503 })
  const answers = [app.inject('/own'), app.inject('/own')]
  await kit.advance(10)
  await change({ pool: { ...QUICK, ramp: '1s' } })
  await kit.advance(1_000)
  await Promise.all(answers)
  assert.deepEqual(states(), ['pool main: open'])
  assert.equal(told.length, 1)
})

test('of a breaker that is not configured any more nobody is told, and requests before still keep to it', async (t) => {
  const { kit, app, told, states, get, change } = await broken(t, { pool: QUICK })
  kit.upstream(A).thenSlow('1s', { status: 503 }).thenSlow('1s', { status: 503 })
  const answers = [app.inject('/own'), app.inject('/own')]
  await kit.advance(10)
  await change({})
  await kit.advance(1_000)
  await Promise.all(answers)
  assert.deepEqual([states(), told], [[], []])
  assert.equal(await get('/own'), '200')
  await change({ pool: QUICK })
  assert.deepEqual(states(), ['pool main: closed'])
})

test('gates and observers are asked in the same order after every change', async (t) => {
  const { app, change } = await broken(t, {})
  const order = () => {
    const { gates, observers, filters } = app.gateway.snapshot.stages
    return [gates, observers, filters].map((list) => list.map((one) => (one as { name?: string }).name))
  }
  const all: GatewayServerConfig = {
    pools: {
      main: { endpoints: [A, B], circuitBreaker: true, retry: 'safe', concurrency: { max: 9 } },
      other: { endpoints: [B] }
    }
  }
  await change({}, all)
  const first = order()
  assert.deepEqual(first[0], ['circuit breaker'])
  for (const more of [{}, all, { ...all, via: 'x' }]) await change({}, more)
  assert.deepEqual(order(), first)
})
