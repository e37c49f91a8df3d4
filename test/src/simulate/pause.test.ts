import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { gatewayKit, type SimulatedFault, type SimulationResult, simulate } from '@gatewright/testing'

const ENDPOINTS = ['http://a.test', 'http://b.test', 'http://c.test']

async function simulated(t: TestContext, faults: readonly SimulatedFault[]): Promise<SimulationResult> {
  const kit = gatewayKit()
  const config: GatewayServerConfig = {
    accessLog: false,
    logger: false,
    pools: {
      main: {
        endpoints: ENDPOINTS,
        circuitBreaker: { slowCall: '500ms', slowCallThresholdPercent: 10 },
        outlierDetection: { latencyFactor: 3, minRequests: 10, window: '1s' },
        retry: 'safe',
        hedge: { after: '500ms' }
      }
    },
    routes: [{ path: '/*', pool: 'main', timeouts: { perTry: '800ms' } }]
  }
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  await gateway.ready()
  return simulate({
    gateway: gateway.app.gateway,
    time: kit.time,
    pool: 'main',
    load: { perSecond: 300 },
    durationMs: 20_000,
    service: { medianMs: 100, p99Ms: 250 },
    faults
  })
}

const PAUSES = [5_000, 9_000, 13_000].map(
  (fromMs) => ({ kind: 'pause', fromMs, untilMs: fromMs + 1_500 }) as const
)

test('pauses of the gateway eject nobody, open no breaker and fail no request', async (t) => {
  const result = await simulated(t, PAUSES)
  assert.equal(result.timeline[5]?.good, 0)
  assert.deepEqual([result.goodput, result.unanswered, result.amplification], [1, 0, 1])
  assert.deepEqual([result.ejections, result.breaker, result.hedges], [[], [], {}])
})

test('what fails for other reasons is found out beside pauses', async (t) => {
  const result = await simulated(t, [...PAUSES, { kind: 'kill', endpoint: 1, fromMs: 7_500 }])
  assert.deepEqual([...new Set(result.ejections.map(({ endpoint }) => endpoint.url))], [ENDPOINTS[1]])
  assert.equal(result.goodput, 1)
})
