import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, reloadSuite } from '@gatewright/testing'
import type { FastifyInstance } from 'fastify'

type Metrics = NonNullable<GatewayServerConfig['metrics']>

const ROUTES: NonNullable<GatewayServerConfig['routes']> = [{ id: 'all', path: '/*', pool: 'main' }]
const PROBED = { listener: 'probes' } as const

function configured(metrics: Metrics, routes = ROUTES): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    metrics,
    pools: { main: { endpoints: ['http://a.test'] } },
    routes
  }
}

reloadSuite('metrics', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => configured({ maxLabelValues: 100, process: false }),
  changed: () => configured({ maxLabelValues: 50, buckets: [1, 2], slo: { availability: 99 } }),
  observe: (app) => (app as FastifyInstance).metrics.families.map(({ name, labels }) => [name, labels])
})

async function started(t: { after(run: () => unknown): void }, config: GatewayServerConfig) {
  const kit: GatewayKit = gatewayKit()
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  await gateway.ready()
  const { app } = gateway
  return {
    app,
    kit,
    request: (path: string) => kit.request(app, path),
    apply: (next: GatewayServerConfig, options = {}) => app.gateway.apply(next, options),
    /** The lines of a metric. */
    async lines(name: string): Promise<string[]> {
      const { body } = await app.metrics.show()
      return body.split('\n').filter((line) => line.startsWith(`${name}{`))
    },
    async count(route: string): Promise<number> {
      const { body } = await app.metrics.show()
      const found = new RegExp(`^proxy_responses_total\\{route="${route}",class="2xx"\\} (\\d+)$`, 'm').exec(
        body
      )
      return found === null ? -1 : Number(found[1])
    }
  }
}

test('counts go on over changes, new routes begin at zero, and metrics can be off for a while', async (t) => {
  const { request, apply, count, app } = await started(t, configured({ ...PROBED, process: false }))
  await request('/1')
  assert.equal(await count('all'), 1)
  const more = [...ROUTES, { id: 'more', path: '/more', pool: 'main' }] as typeof ROUTES
  await apply(configured({ ...PROBED, process: false, maxLabelValues: 7 }, more))
  assert.deepEqual([await count('all'), await count('more')], [1, 0])
  await request('/more')
  await request('/2')
  assert.deepEqual([await count('all'), await count('more')], [2, 1])

  await apply(configured(false))
  await request('/3')
  assert.deepEqual([app.metrics.path, app.metrics.listener, app.metrics.families], ['', null, []])
  assert.throws(() => app.metrics.rules(), { code: 'GW_VALUE_INVALID' })
  assert.equal((await app.metrics.answer('/metrics', {})).status, 404)

  await apply(configured({ ...PROBED, process: false }))
  await request('/4')
  assert.equal(await count('all'), 1)
})

test('other buckets begin anew; objectives, path and process hold at once', async (t) => {
  const { request, apply, count, lines, app } = await started(t, configured({ ...PROBED, process: false }))
  await request('/1')
  await apply(configured({ ...PROBED, process: true, path: '/figures', slo: { availability: 95 } }))
  assert.equal(await count('all'), 1)
  assert.deepEqual(app.metrics.paths, ['/figures', '/figures/rules.yml', '/figures/dashboard.json'])
  assert.match(JSON.stringify(app.metrics.dashboard()), /95/)
  assert.match((await app.metrics.show()).body, /^process_cpu_seconds_total /m)
  await apply(configured({ ...PROBED, process: false, buckets: [1, 2] }))
  assert.equal(await count('all'), 0)
  const bounds = (await lines('proxy_response_head_seconds_bucket')).map(
    (line) => /le="([^"]+)"/.exec(line)?.[1]
  )
  assert.deepEqual([...new Set(bounds)], ['1', '2', '+Inf'])
})

test('a token that a change asks for is asked for from the next scrape on', async (t) => {
  const { apply, app } = await started(t, configured(PROBED))
  const status = async (authorization?: string) =>
    (await app.metrics.answer('/metrics', authorization === undefined ? {} : { authorization })).status
  assert.equal(await status(), 200)
  process.env.RELOAD_TOKEN = 'secret'
  t.after(() => delete process.env.RELOAD_TOKEN)
  await assert.rejects(apply(configured({ ...PROBED, requireToken: true, tokenEnv: 'NOT_THERE' })), {
    message: /NOT_THERE/
  })
  assert.equal(await status(), 200)
  const asking = configured({ ...PROBED, requireToken: true, tokenEnv: 'RELOAD_TOKEN' })
  await apply(asking, { dryRun: true })
  assert.equal(await status(), 200)
  await apply(asking)
  assert.deepEqual([await status(), await status('Bearer secret')], [401, 200])
  await apply(configured(PROBED))
  assert.equal(await status(), 200)
})

test('a route that is gone keeps its series for five minutes, and comes back with its counts until then', async (t) => {
  const { request, apply, lines, count, kit } = await started(t, configured({ ...PROBED, process: false }))
  await request('/1')
  const other = [{ id: 'other', path: '/*', pool: 'main' }] as typeof ROUTES
  await apply(configured({ ...PROBED, process: false }, other))
  await kit.advance(4 * 60_000)
  assert.equal(await count('all'), 1)
  await apply(configured({ ...PROBED, process: false }))
  await kit.advance(10 * 60_000)
  assert.deepEqual([await count('all'), await count('other')], [1, -1])
  await apply(configured({ ...PROBED, process: false }, other))
  await kit.advance(5 * 60_000)
  const { length } = (await lines('proxy_requests_total')).filter((line) => line.includes('"all"'))
  assert.equal(length, 0)
})

test('pools that are gone take their series along, those of their endpoints too', async (t) => {
  const named = (pool: string): GatewayServerConfig => ({
    ...configured({ ...PROBED, process: false }, [{ id: 'all', path: '/*', pool: pool as never }]),
    pools: { [pool]: { endpoints: ['http://a.test'] } }
  })
  const { request, apply, app, kit } = await started(t, named('one'))
  await request('/1')
  await apply(named('two'))
  await kit.advance(5 * 60_000)
  const shown = async (pool: string) => (await app.metrics.show()).body.includes(`pool="${pool}"`)
  assert.deepEqual([await shown('one'), await shown('two')], [false, true])
  await apply(named('one'))
  await request('/2')
  const { body } = await app.metrics.show()
  assert.match(body, /^proxy_upstream_requests_total\{pool="one",endpoint="http:\/\/a.test"\} 1$/m)
})

test('thousands of routes that come and go leave neither series nor names behind', async (t) => {
  const one = (id: string) =>
    configured({ ...PROBED, process: false, maxLabelValues: 20 }, [{ id, path: '/*', pool: 'main' }])
  const { request, apply, app } = await started(t, one('first'))
  for (let round = 0; round < 2_000; round++) {
    await apply(one(`r${round}`))
    if (round % 100 === 0) await request('/x')
  }
  await request('/x')
  const { body } = await app.metrics.show()
  const routes = new Set([...body.matchAll(/route="([^"]+)"/g)].map(([, id]) => id))
  assert.ok(routes.has('r1999'), [...routes].join())
  assert.ok(!routes.has('other'))
  assert.ok(routes.size <= 21, String(routes.size))
})

test('where the app serves them, only their place needs a restart, and keeping it keeps no more', async (t) => {
  const app = (more: Metrics = {}) => configured({ listener: 'app', process: false, ...(more as object) })
  const { apply, app: fastify } = await started(t, app())
  for (const [next, part] of [
    [app({ path: '/other' }), 'metrics.path'],
    [configured(PROBED), 'metrics.listener']
  ] as const)
    await assert.rejects(apply(next), {
      message: new RegExp(`^.*\\n?[\\s\\S]*${part}: a change needs a restart`)
    })
  const { needsRestart } = await apply(app({ path: '/other', buckets: [1] }), { onRestartKeys: 'keep' })
  assert.deepEqual(needsRestart, ['metrics.path'])
  assert.deepEqual(fastify.gateway.config.metrics, {
    listener: 'app',
    process: false,
    path: '/metrics',
    buckets: [1]
  })
  assert.equal((await fastify.inject('/metrics')).statusCode, 200)
  await apply(configured(false))
  assert.equal((await fastify.inject('/metrics')).statusCode, 404)
  await apply(app())
  assert.equal((await fastify.inject('/metrics')).statusCode, 200)
})

test('metrics that were off at the start need a restart to come', async (t) => {
  const { apply, app } = await started(t, configured(false))
  await assert.rejects(apply(configured(true)), { message: /metrics\.enabled: a change needs a restart/ })
  const { needsRestart } = await apply(configured(true), { onRestartKeys: 'keep' })
  assert.deepEqual(needsRestart, ['metrics.enabled', 'metrics.listener'])
  assert.equal(app.gateway.config.metrics, false)
})
