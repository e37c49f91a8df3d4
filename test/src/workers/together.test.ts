import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type StopStage } from '@gatewright/gateway'
import { fakeUpstream, gatewayKit } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'

const quiet = { logger: false, accessLog: false } as const
const says = (body: string) => ({ ...quiet, routes: [{ path: '/*', respond: { body } }] })

test('a change waits for its confirmation, and is given up when that is refused', async (t) => {
  const gateway = await createGateway(says('one')).ready()
  t.after(() => gateway.close())
  const body = async (): Promise<string> => (await gateway.inject('/')).body
  const seen: string[] = []
  await assert.rejects(
    gateway.apply(says('two'), {
      async confirm() {
        seen.push(await body())
        throw new Error('another process refuses')
      }
    }),
    /another process refuses/
  )
  assert.deepEqual([...seen, await body(), gateway.history.length], ['one', 'one', 1])
  await gateway.apply(says('three'), { confirm: async () => void seen.push(await body()) })
  assert.deepEqual([...seen, await body(), gateway.history.length], ['one', 'one', 'three', 2])
  await gateway.apply(says('four'), { dryRun: true, confirm: () => assert.fail('asked in a dry run') })
})

test('limits that count in memory are divided by the processes', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      ...quiet,
      routes: [
        { path: '/ten', respond: { body: '' }, rateLimit: { limit: 10, window: '1m' } },
        { path: '/one', respond: { body: '' }, rateLimit: { limit: 1, window: '1m' } },
        { path: '/dear', respond: { body: '' }, rateLimit: { limit: 10, window: '1m', cost: 8 } }
      ]
    },
    { ...kit.seams, processes: 4 }
  )
  t.after(() => gateway.close())
  await gateway.ready()
  const admitted = async (url: string): Promise<number> => {
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async () => (await gateway.inject(url)).statusCode)
    )
    return statuses.filter((status) => status === 200).length
  }
  assert.deepEqual([await admitted('/ten'), await admitted('/one'), await admitted('/dear')], [2, 1, 1])
})

test('limits of requests at one time are divided by the processes', async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const gateway = createGateway(
    {
      ...quiet,
      shutdown: { drain: '0ms' },
      pools: { app: { endpoints: [upstream.url] } },
      routes: [
        { path: '/pool', pool: 'app', concurrency: { max: 9 } },
        { path: '/client', pool: 'app', rateLimit: { concurrent: 5 } }
      ]
    },
    { processes: 4 }
  )
  t.after(() => gateway.close())
  await gateway.listen({ port: 0, host: '127.0.0.1' })
  const refused = async (url: string, status: number, most: number): Promise<void> => {
    for (let n = 0; n < most; n++) {
      void gateway.inject(url).catch(() => {})
      await upstream.request(++waiting)
    }
    assert.equal((await gateway.inject(url)).statusCode, status)
  }
  let waiting = 0
  await refused('/pool', 503, 2)
  await refused('/client', 429, 1)
})

test('every stage of stopping is told, with the requests that are left', async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const stages: StopStage[] = []
  const gateway = createGateway(
    { ...quiet, ...singlePool(upstream.url), shutdown: { wait: '20ms', drain: '50ms', signals: false } },
    { stopping: (stage) => stages.push(stage) }
  )
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  const answer = fetch(url)
  await upstream.request(1)
  await gateway.close()
  assert.deepEqual(
    stages.map(({ stage, mostMs }) => [stage, mostMs]),
    [
      ['waiting', 20],
      ['announcing', 10],
      ['draining', 50],
      ['cut-off', 0],
      ['closed', 0]
    ]
  )
  assert.deepEqual(stages.map(({ inFlight }) => inFlight).slice(0, 3), [1, 1, 1])
  assert.equal((await answer).status, 503)
})

test('a stop may have a wait of its own, in which responses are the last ones at once', async (t) => {
  const upstream = await fakeUpstream(t)
  const stages: string[] = []
  const gateway = createGateway(
    { ...quiet, ...singlePool(upstream.url), shutdown: { wait: '60s', signals: false } },
    { stopping: ({ stage }) => stages.push(stage) }
  )
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  const closed = gateway.close({ waitMs: 200, announce: true })
  const response = await fetch(url)
  assert.deepEqual([response.status, response.headers.get('connection')], [200, 'close'])
  await closed
  assert.deepEqual(stages, ['announcing', 'draining', 'closed'])
})

test('probes and metrics may be answered by somebody else', async (t) => {
  const asked: unknown[] = []
  let ready = (): boolean => false
  const gateway = createGateway(
    {
      ...quiet,
      ...singlePool('http://127.0.0.1:1'),
      probes: { port: 1 },
      metrics: true,
      shutdown: { wait: '0ms' }
    },
    {
      async startProbes(probes, isReady, metrics, beside) {
        asked.push(probes, metrics?.paths[0], beside.host)
        ready = isReady
        return { port: 7, close: () => asked.push('closed') }
      }
    }
  )
  t.after(() => gateway.close())
  await gateway.listen({ port: 0, host: '127.0.0.1' })
  assert.deepEqual([asked, gateway.probePort, ready()], [[{ port: 1 }, '/metrics', '127.0.0.1'], 7, true])
  gateway.app.metrics.gather = async (format) => ({ type: 'text/plain', body: `all, ${format}` })
  const scrape = await gateway.app.metrics.answer('/metrics', {})
  assert.equal(scrape.body, 'all, prometheus')
  assert.match((await gateway.app.metrics.own()).body, /proxy_requests_total/)
  const { proxy_pool_healthy_endpoints: least, proxy_requests_in_flight: sum } = gateway.app.metrics.across
  assert.deepEqual([least, sum], ['min', undefined])
  await gateway.close()
  assert.equal(asked.at(-1), 'closed')
})
