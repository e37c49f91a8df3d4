import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig, type RouteConfig } from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, reloadSuite } from '@gatewright/testing'

const [A, B] = ['http://a.test', 'http://b.test'] as const

function configured(
  retry: RouteConfig['retry'],
  more: Omit<RouteConfig, 'path'> = {},
  routes: readonly RouteConfig[] = []
): GatewayServerConfig {
  const pool = { endpoints: [A, B], balancing: 'first' } as const
  return {
    logger: false,
    accessLog: false,
    pools: { main: pool, other: pool },
    routes: [
      ...routes,
      { id: 'all', path: '/*', pool: 'main', ...(retry === undefined ? {} : { retry }), ...more }
    ]
  }
}

reloadSuite('retries', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => configured({ budgetPercent: 20 }, { hedge: { after: 'p95' } }),
  changed: () => configured({ budgetPercent: 30 }, {}, [{ path: '/more', pool: 'other', retry: 'safe' }]),
  off: () => configured(undefined),
  async arrange(app, kit) {
    kit.upstream(A).fails(1)
    await kit.request(app, '/')
    await kit.request(app, '/')
  }
})

interface Retried {
  readonly kit: GatewayKit
  readonly app: ReturnType<typeof createGateway>['app']
  /** What budgets allow now, by route. */
  tokens(): readonly string[]
  /** Requests that the first endpoint answers 503, and how many attempts they had. */
  failing(count: number, path?: string): Promise<readonly number[]>
  change(config: GatewayServerConfig): Promise<void>
}

async function retried(t: TestContext, config: GatewayServerConfig): Promise<Retried> {
  const kit = gatewayKit()
  const gateway = createGateway(config, kit.seams)
  const { app } = gateway
  t.after(() => gateway.close())
  await app.ready()
  return {
    kit,
    app,
    tokens() {
      const tokens: string[] = []
      const measure = app.gateway.gauges.find(({ name }) => name === 'proxy_retry_budget_tokens')
      measure?.read((value, route) => void tokens.push(`${route} ${value}`))
      return tokens
    },
    async failing(count, path = '/') {
      const attempts: number[] = []
      for (let n = 0; n < count; n++) {
        kit.upstream(A).fails(1)
        attempts.push((await kit.request(gateway, path)).attempts.length)
      }
      return attempts
    },
    async change(next) {
      await app.gateway.apply(next)
    }
  }
}

const NO_WAIT = { backoff: { base: '1ms', max: '1ms' } } as const

test('what was earned and spent stays when the numbers of a budget change, and the new numbers hold', async (t) => {
  const first = { ...NO_WAIT, budgetMinPerSecond: 2, budgetPercent: 0 }
  const { tokens, failing, change } = await retried(t, configured(first))
  assert.deepEqual(await failing(3), [2, 2, 1])
  assert.deepEqual(tokens(), ['all 0'])
  await change(configured(first, { preserveHost: true }))
  assert.deepEqual(tokens(), ['all 0'], 'nothing to do with it')
  await change(configured({ ...first, budgetMinPerSecond: 3 }))
  assert.deepEqual(tokens(), ['all 1'])
  assert.deepEqual(await failing(2), [2, 1])
  await change(configured({ ...first, budgetMinPerSecond: 1 }))
  assert.deepEqual(tokens(), ['all 0'])
  await change(configured({ ...first, budgetMinPerSecond: 0, budgetPercent: 50 }))
  assert.deepEqual(tokens(), ['all 1'], 'half of three successes')
})

test('other settings of retries hold for the next request, and those under way keep theirs', async (t) => {
  const { kit, app, failing, change } = await retried(t, configured({ ...NO_WAIT, attempts: 2 }))
  kit.upstream(A).thenSlow('1s', { status: 503 })
  const waiting = app.inject('/')
  await kit.advance(10)
  await change(configured(undefined))
  assert.deepEqual(await failing(1), [1])
  await kit.advance(2_000)
  assert.equal((await waiting).statusCode, 200)
  assert.equal(kit.upstream(B).seen.length, 1)
})

test('a budget that others go on with is theirs; who leaves it begins with its own', async (t) => {
  const shared = { ...NO_WAIT, budgetMinPerSecond: 2, budgetPercent: 0 }
  const second = { id: 'second', path: '/second', pool: 'main', retry: shared } as const
  const { tokens, failing, change } = await retried(t, configured(shared, {}, [second]))
  await failing(2)
  assert.deepEqual(tokens(), ['second 0', 'all 0'])
  await change(configured(shared, {}, [{ ...second, retry: { ...shared, budgetMinPerSecond: 4 } }]))
  assert.deepEqual(tokens(), ['second 4', 'all 0'])
  await change(configured(shared, {}, [second]))
  assert.deepEqual(tokens(), ['second 0', 'all 0'])
  await change(configured(shared, {}, [{ ...second, pool: 'other' }]))
  assert.deepEqual(tokens(), ['second 2', 'all 0'], 'another pool')
})

test('latencies stay with the pool: a quantile for hedges need not be learned anew', async (t) => {
  const hedge = { after: 'p50', minDelay: '1ms' } as const
  const { kit, app, change } = await retried(t, configured(undefined, { hedge }))
  for (let n = 0; n < 60; n++) {
    kit.upstream(A).thenSlow('20ms')
    await kit.request(app, '/')
  }
  await change(configured(undefined, { hedge: { ...hedge, minDelay: '2ms' } }))
  kit.upstream(A).thenSlow('5s')
  const { elapsedMs, attempts } = await kit.request(app, '/')
  assert.ok(elapsedMs < 100, `${elapsedMs} ms`)
  assert.equal(attempts.length, 2)
})
