import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ConcurrencyConfig } from '@gatewright/gateway'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, reloadSuite } from '@gatewright/testing'

const UPSTREAM = 'http://a.test'

/** What has limits: the pool, the route, the process. */
interface Limits {
  readonly pool?: ConcurrencyConfig
  readonly route?: ConcurrencyConfig
  readonly process?: GatewayServerConfig['overload']
}

function configured({ pool, route, process }: Limits): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    ...(process === undefined ? {} : { overload: process }),
    pools: { main: { endpoints: [UPSTREAM], ...(pool === undefined ? {} : { concurrency: pool }) } },
    routes: [{ id: 'all', path: '/*', pool: 'main', ...(route === undefined ? {} : { concurrency: route }) }]
  }
}

reloadSuite('limits', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () =>
    configured({
      pool: { max: 5, maxQueue: 5 },
      route: { adaptive: true },
      process: { maxHeapPercent: 99, sampleInterval: '1s' }
    }),
  changed: () =>
    configured({
      pool: { adaptive: { initial: 30 } },
      route: { max: 7 },
      process: { maxHeapPercent: 98, sampleInterval: '2s' }
    }),
  off: () => configured({})
})

interface Limited {
  readonly kit: GatewayKit
  readonly limits: () => readonly string[]
  readonly figures: (name: string) => readonly string[]
  /** Sends requests, which the upstream answers after this time. */
  send(count: number, delay?: `${number}ms`): Promise<number>[]
  /** Sends one that the upstream is not to see. */
  refused(): Promise<number>
  change(limits: Limits): Promise<void>
}

async function limited(t: TestContext, first: Limits): Promise<Limited> {
  const kit = gatewayKit()
  const gateway = createGateway(configured(first), kit.seams)
  const { app } = gateway
  t.after(() => gateway.close())
  await app.ready()
  return {
    kit,
    limits: () =>
      app.overload
        .state()
        .limits.map(({ key, limit, running, waiting }) => `${key}: ${running}+${waiting}/${limit}`),
    figures(name) {
      const figures: string[] = []
      for (const measure of app.gateway.gauges)
        if (measure.name === name)
          measure.read((value, ...labels) => figures.push(`${labels.join(' ')} ${value}`))
      return figures
    },
    send: (count, delay = '1000ms') =>
      Array.from({ length: count }, () => {
        kit.upstream(UPSTREAM).thenSlow(delay)
        return app.inject('/').then(({ statusCode }) => statusCode)
      }),
    refused: () => app.inject('/').then(({ statusCode }) => statusCode),
    async change(limits) {
      await app.gateway.apply(configured(limits))
      await kit.advance(0)
    }
  }
}

test('a limit that is raised lets in who waits, and counts who ran before', async (t) => {
  const { kit, limits, send, change } = await limited(t, {
    pool: { max: 1, maxQueue: 9, queueTimeout: '5s' }
  })
  const answers = send(4)
  await kit.advance(0)
  assert.deepEqual(limits(), ['pool main: 1+3/1'])
  await change({ pool: { max: 3, maxQueue: 9, queueTimeout: '5s' } })
  await kit.advance(10)
  assert.deepEqual(limits(), ['pool main: 3+1/3'])
  assert.equal(kit.upstream(UPSTREAM).seen.length, 3)
  await kit.advance(2_100)
  assert.deepEqual(await Promise.all(answers), [200, 200, 200, 200])
  assert.deepEqual(limits(), ['pool main: 0+0/3'])
})

test('a limit that is lowered refuses new requests, and lets finish who is in', async (t) => {
  const { kit, limits, figures, send, refused, change } = await limited(t, { pool: { max: 3 } })
  const answers = send(3)
  await kit.advance(0)
  assert.equal(await refused(), 503)
  await change({ pool: { max: 1 } })
  assert.deepEqual(limits(), ['pool main: 3+0/1'])
  assert.equal(await refused(), 503)
  assert.deepEqual(figures('proxy_concurrency_refused_total'), ['pool main 2'])
  await kit.advance(1_100)
  assert.deepEqual(await Promise.all(answers), [200, 200, 200])
  assert.deepEqual(limits(), ['pool main: 0+0/1'])
})

test('a wait ends by the new time, also where the limit is taken away', async (t) => {
  const waits = { max: 1, maxQueue: 9, queueTimeout: '5s' } as const
  const { kit, limits, send, refused, change } = await limited(t, { pool: waits })
  const [first] = send(1, '9000ms')
  const second = refused()
  await kit.advance(0)
  await change({ pool: { ...waits, queueTimeout: '100ms' } })
  await kit.advance(110)
  assert.equal(await second, 503)
  const waiting = refused()
  await kit.advance(50)
  await change({})
  assert.deepEqual(limits(), [])
  const free = send(3, '10ms')
  await kit.advance(70)
  assert.deepEqual(await Promise.all([waiting, ...free]), [503, 200, 200, 200])
  await kit.advance(9_000)
  assert.equal(await first, 200)
})

test('a limit that comes back while its requests run still counts them', async (t) => {
  const { kit, limits, send, change } = await limited(t, { pool: { max: 2 } })
  const [first] = send(1)
  await kit.advance(0)
  await change({})
  await change({ pool: { max: 2 } })
  assert.deepEqual(limits(), ['pool main: 1+0/2'])
  await change({})
  await kit.advance(1_100)
  assert.equal(await first, 200)
  await change({ pool: { max: 2 } })
  assert.deepEqual(limits(), ['pool main: 0+0/2'])
})

test('what an adaptive limit has found stays, within its new bounds', async (t) => {
  const adaptive = { min: 1, initial: 20, remeasure: '0ms' } as const
  const { kit, limits, send, change } = await limited(t, { pool: { adaptive } })
  for (let n = 0; n < 60; n++) {
    const batch = send(18, '30ms')
    await kit.advance(50)
    await Promise.all(batch)
  }
  const found = limits()
  assert.notDeepEqual(found, ['pool main: 0+0/20'])
  await change({ pool: { adaptive: { ...adaptive, initial: 15, tolerance: 2 } } })
  assert.deepEqual(limits(), found)
  await change({ pool: { max: 12, adaptive: { min: 1, initial: 12 } } })
  assert.deepEqual(limits(), ['pool main: 0+0/12'])
  await change({ pool: { max: 40, adaptive: { min: 30 } } })
  assert.deepEqual(limits(), ['pool main: 0+0/30'])
})

test('a limit of the process comes, changes and goes without a restart', async (t) => {
  const { kit, figures, send, refused, change } = await limited(t, {})
  const told = () => figures('proxy_concurrency_refused_total')
  const before = kit.time.pending
  const tight = { maxHeapPercent: 0.001, sampleInterval: '1s' } as const
  await change({ process: tight })
  assert.equal(kit.time.pending, before + 1)
  await kit.advance(1_000)
  assert.equal(await refused(), 503)
  assert.deepEqual(told(), ['process process 1'])
  await change({ process: { ...tight, mode: 'observe' } })
  const [observed] = send(1, '10ms')
  await kit.advance(20)
  assert.equal(await observed, 200)
  await change({ process: tight })
  assert.equal(await refused(), 503, 'what was measured still holds')
  assert.deepEqual(told(), ['process process 2'])
  await change({})
  assert.deepEqual(told(), [])
  assert.equal(kit.time.pending, before)
  await change({ process: tight })
  const [unmeasured] = send(1, '10ms')
  await kit.advance(20)
  assert.equal(await unmeasured, 200, 'nothing is measured yet')
})
