import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { ensureCommand } from '../support/debian.js'
import { eventually } from '../support/eventually.js'
import { startPrometheus } from '../support/prometheus.js'
import { firing, promtool, type RuleTest, testRules } from '../support/promtool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 240_000 }

interface Shown extends StartedGateway {
  /** Host and port of the listener that serves the metrics. */
  readonly target: string
  get(path: string): Promise<string>
}

/** A gateway with one of everything that alerts and panels are made for. */
async function shown(t: TestContext, upstream: string, more: GatewayServerConfig = {}): Promise<Shown> {
  const started = await startGateway(t, {
    probes: { port: 0, host: '127.0.0.1' },
    metrics: { process: false },
    pools: {
      app: {
        endpoints: [upstream],
        circuitBreaker: { minRequests: 5 },
        concurrency: { max: 100 },
        retry: { attempts: 2 }
      },
      secure: { endpoints: ['https://127.0.0.1:1'] }
    },
    routes: [{ id: 'all', path: '/*', pool: 'app' }],
    ...more,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' }
  } as GatewayServerConfig)
  const target = `127.0.0.1:${started.gateway.probePort}`
  const get = async (path: string): Promise<string> => (await fetch(`http://${target}${path}`)).text()
  return { ...started, target, get }
}

test('promtool finds nothing to say of the metrics', bounded, async (t) => {
  const command = await ensureCommand(t, 'promtool', { package: 'prometheus' })
  if (command === null) return
  const upstream = await fakeUpstream(t)
  const { url, get } = await shown(t, upstream.url, { metrics: true })
  await (await fetch(`${url}/x`)).text()
  assert.match(await get('/metrics'), /^nodejs_active_resources\{/m)
  assert.equal(await promtool(command, ['check', 'metrics'], await get('/metrics')), '')
})

test('the generated rules are valid, and fire when they should and only then', bounded, async (t) => {
  const command = await ensureCommand(t, 'promtool', { package: 'prometheus' })
  if (command === null) return
  const { get } = await shown(t, 'http://127.0.0.1:1')
  await testRules(t, command, await get('/metrics/rules.yml'), RULE_TESTS)
})

/** 10 requests a second for two hours, of which so many per minute fail, or are slow. */
function traffic(failing: number, slow: number): { series: string; values: string }[] {
  return [
    { series: 'proxy_responses_total{route="all",class="2xx"}', values: `0+${600 - failing}x120` },
    { series: 'proxy_responses_total{route="all",class="5xx"}', values: `0+${failing}x120` },
    { series: 'proxy_response_head_seconds_count{route="all"}', values: '0+600x120' },
    { series: 'proxy_response_head_seconds_bucket{route="all",le="0.5"}', values: `0+${600 - slow}x120` }
  ]
}

const RULE_TESTS: readonly RuleTest[] = [
  {
    name: 'all is well',
    interval: '1m',
    input_series: [
      ...traffic(0, 0),
      { series: 'proxy_config_revision', values: '1x120' },
      { series: 'proxy_pool_healthy_endpoints{pool="app"}', values: '3x120' },
      { series: 'proxy_pool_total_endpoints{pool="app"}', values: '3x120' },
      { series: 'proxy_breaker_state{pool="app",state="open"}', values: '0x120' }
    ],
    promql_expr_test: [
      { expr: 'count(ALERTS) or vector(0)', eval_time: '2h', exp_samples: [{ labels: '{}', value: 0 }] }
    ]
  },
  {
    name: 'one in fifty fails',
    interval: '1m',
    input_series: traffic(12, 0),
    promql_expr_test: [
      {
        expr: 'sum by (alertname, severity, route) (ALERTS{alertname=~"GatewayAvailability.*"})',
        eval_time: '2h',
        exp_samples: ['Fast', 'Slow', 'Steady'].map((speed) => ({
          labels: `{alertname="GatewayAvailabilityBurn${speed}",route="all",severity="${speed === 'Slow' ? 'ticket' : 'page'}"}`,
          value: 1
        }))
      }
    ]
  },
  {
    name: 'one in five is slow',
    interval: '1m',
    input_series: traffic(0, 120),
    promql_expr_test: [
      {
        expr: 'count(ALERTS{alertname=~"GatewayLatency.*"})',
        eval_time: '2h',
        exp_samples: [{ labels: '{}', value: 3 }]
      },
      {
        expr: 'count(ALERTS{alertname=~"GatewayAvailability.*"}) or vector(0)',
        eval_time: '2h',
        exp_samples: [{ labels: '{}', value: 0 }]
      }
    ]
  },
  {
    name: 'things are down',
    interval: '1m',
    input_series: [
      { series: 'proxy_pool_healthy_endpoints{pool="app"}', values: '0x120' },
      { series: 'proxy_pool_total_endpoints{pool="app"}', values: '3x120' },
      { series: 'proxy_breaker_state{pool="app",state="open"}', values: '1x120' },
      { series: 'proxy_retries_total{route="all",outcome="budget"}', values: '0+5x120' },
      { series: 'proxy_upstream_queue_length{pool="app",endpoint="a"}', values: '7x120' },
      { series: 'proxy_concurrency_running{scope="pool",id="app"}', values: '95x120' },
      { series: 'proxy_concurrency_limit{scope="pool",id="app"}', values: '100x120' },
      {
        // Ten days after the last minute of the test.
        series: 'proxy_upstream_certificate_expiry_timestamp_seconds{pool="app",endpoint="a"}',
        values: '871200x120'
      }
    ],
    promql_expr_test: [
      firing(
        '2h',
        'GatewayAbsent',
        'GatewayBreakerOpen',
        'GatewayCertificateEndsSoon',
        'GatewayConnectionsQueue',
        'GatewayEndpointsDown',
        'GatewayLimitNearlyReached',
        'GatewayPoolDown',
        'GatewayRetryBudgetSpent'
      )
    ]
  }
]

test(
  'a real Prometheus scrapes, answers every query of the dashboard, and raises an alert',
  bounded,
  async (t) => {
    const command = await ensureCommand(t, 'prometheus')
    if (command === null) return
    const upstream = await fakeUpstream(t)
    const { url, target, get } = await shown(t, upstream.url, { metrics: true })
    const rules = await get('/metrics/rules.yml')
    const prometheus = await startPrometheus(t, command, {
      target,
      rules: rules.replaceAll('for: 1m', 'for: 0s')
    })
    const counted = async (status: number): Promise<number> => {
      const [sample] = await prometheus.query(`sum(proxy_requests_total{route="all",status="${status}"})`)
      return Number(sample?.value[1] ?? 0)
    }
    for (let n = 0; n < 7; n++) await (await fetch(`${url}/x`)).text()
    await eventually(async () => assert.equal(await counted(200), 7))
    upstream.answers({ status: 500 })
    for (let n = 0; n < 20; n++) await (await fetch(`${url}/x`)).text()
    await eventually(async () => {
      const alerts = await prometheus.alerts()
      const open = alerts.find(({ labels }) => labels.alertname === 'GatewayBreakerOpen')
      assert.deepEqual([open?.labels.pool, open?.state], ['app', 'firing'])
    })
    assert.deepEqual(await prometheus.brokenRules(), [])
    assert.equal((await prometheus.query('nodejs_eventloop_lag_p99_seconds')).length, 1)
    const { panels } = JSON.parse(await get('/metrics/dashboard.json')) as {
      panels: { title: string; targets?: { expr: string }[] }[]
    }
    let answered = 0
    for (const { targets = [] } of panels)
      for (const { expr } of targets) {
        const query = expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(route|pool)/g, '.*')
        const samples = await prometheus.query(query)
        answered += Number(samples.length > 0)
      }
    assert.ok(answered > 15, `${answered} queries had an answer`)
  }
)
