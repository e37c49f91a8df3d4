import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type PoolConfig } from '@gatewright/gateway'
import { gatewayKit, type SimulationOptions, type SimulationResult, simulate } from '@gatewright/testing'

type Load = Omit<SimulationOptions, 'gateway' | 'time' | 'pool' | 'load'>

async function simulated(
  t: TestContext,
  endpoints: number,
  pool: Omit<PoolConfig, 'endpoints'>,
  options: Load
): Promise<SimulationResult> {
  const kit = gatewayKit()
  const urls = Array.from({ length: endpoints }, (_, n) => `http://${n}.test`)
  const gateway = createGateway(
    {
      accessLog: false,
      logger: false,
      pools: { main: { endpoints: urls, retry: false, ...pool } },
      routes: [{ path: '/*', pool: 'main' }]
    },
    kit.seams
  )
  t.after(() => gateway.close())
  await gateway.ready()
  return simulate({
    gateway: gateway.app.gateway,
    time: kit.time,
    pool: 'main',
    load: { perSecond: 100 },
    ...options
  })
}

const failed = ({ statuses }: SimulationResult): number => statuses['503'] ?? 0

test('when the last open endpoint fails, the ejected one is tried, and has the traffic if it works', async (t) => {
  const result = await simulated(
    t,
    2,
    {},
    {
      durationMs: 35_000,
      faults: [
        { kind: 'errors', rate: 1, endpoint: 0, fromMs: 1_000, untilMs: 3_000 },
        { kind: 'errors', rate: 1, endpoint: 1, fromMs: 5_000, untilMs: 33_000 }
      ]
    }
  )
  assert.ok(failed(result) < 20, `${failed(result)} of ${result.requests} failed`)
  const [first, second] = result.ejections.map(({ endpoint }) => endpoint.url)
  assert.deepEqual([first, second], ['http://0.test', 'http://1.test'])
})

test('where as many are ejected as may be, the ejected are tried when the others fail', async (t) => {
  const result = await simulated(
    t,
    3,
    {},
    {
      durationMs: 35_000,
      faults: [
        { kind: 'errors', rate: 1, endpoint: 0, fromMs: 1_000, untilMs: 3_000 },
        { kind: 'errors', rate: 1, endpoint: 1, fromMs: 5_000, untilMs: 33_000 }
      ]
    }
  )
  assert.ok(failed(result) < 20, `${failed(result)} of ${result.requests} failed`)
})

test('while all fail, the ejected are tried once a second, and none is out for longer afterwards', async (t) => {
  const result = await simulated(
    t,
    2,
    {},
    { durationMs: 120_000, faults: [{ kind: 'errors', rate: 1, fromMs: 1_000, untilMs: 60_000 }] }
  )
  const { ejections, timeline } = result
  assert.ok(ejections.length > 20 && ejections.length <= 60, `${ejections.length} ejections`)
  // The last ejection is over after 30 s, however many there were.
  const [a = 0, b = 0] = timeline.at(-20)?.byEndpoint ?? []
  assert.ok(a > 20 && b > 20, `${a} and ${b}`)
})
