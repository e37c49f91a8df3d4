import { test } from 'node:test'
import { ensureCommand } from '../support/debian.js'
import { firing, type InputSeries, type RuleTest, testRules } from '../support/promtool.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 240_000 }

function rule(
  name: string,
  series: Readonly<Record<string, string>>,
  ...expected: RuleTest['promql_expr_test']
): RuleTest {
  const input: InputSeries[] = Object.entries(series).map(([series, values]) => ({ series, values }))
  return {
    name,
    interval: '1m',
    input_series: [{ series: 'proxy_config_revision{job="gw",instance="z"}', values: '1x200' }, ...input],
    promql_expr_test: expected
  }
}

/** The gateways of a job, as they are scraped; `revision` is what each shows of itself. */
function instances(count: number, values: (index: number) => { up: string; revision: string }) {
  const series: Record<string, string> = {}
  for (let index = 0; index < count; index++) {
    const { up, revision } = values(index)
    if (up !== '') series[`up{job="edge",instance="${index}"}`] = up
    series[`proxy_config_revision{job="edge",instance="${index}"}`] = revision
  }
  return series
}

const TESTS: readonly RuleTest[] = [
  rule(
    'two of five gateways do not answer scrapes any more',
    instances(5, (index) =>
      index < 2 ? { up: '1x30 0x60', revision: '1x30 stale' } : { up: '1x120', revision: '1x120' }
    ),
    firing('30m'),
    firing('40m', 'GatewayInstanceDown', 'GatewayInstanceDown', 'GatewayInstancesGone')
  ),
  rule(
    'two of five gateways are not even targets any more',
    instances(5, (index) => ({ up: '', revision: index < 2 ? '1x30 stale' : '1x120' })),
    firing('30m'),
    firing('40m', 'GatewayInstancesGone')
  ),
  rule(
    'all gateways of one job are gone, and another job has some',
    instances(2, () => ({ up: '1x30 0x60', revision: '1x30 stale' })),
    firing('40m', 'GatewayInstanceDown', 'GatewayInstanceDown', 'GatewayInstancesGone')
  ),
  rule(
    'one of five gateways restarts, and a target of another kind is down',
    {
      ...instances(5, (index) =>
        index === 0 ? { up: '1x30 0 1x60', revision: '1x30 stale 1x60' } : { up: '1x120', revision: '1x120' }
      ),
      'up{job="database",instance="a"}': '0x120'
    },
    firing('31m'),
    firing('40m')
  ),
  rule(
    'a limit refuses 28 in 100 requests, and samples find it full only now and then',
    {
      'proxy_concurrency_running{scope="pool",id="app"}':
        '4 10 3 7 10 2x2 10 5 10x2 3 10 4 10 6 10 2 5 10 3 7',
      'proxy_concurrency_limit{scope="pool",id="app"}': '10x20',
      'proxy_concurrency_refused_total{scope="pool",id="app"}': '0+1680x20'
    },
    firing('12m', 'GatewayLimitNearlyReached')
  ),
  rule(
    'a limit is nearly reached but for one sample, and nothing is refused',
    {
      'proxy_concurrency_running{scope="pool",id="app"}': '97x6 60 98x13',
      'proxy_concurrency_limit{scope="pool",id="app"}': '100x20',
      'proxy_concurrency_refused_total{scope="pool",id="app"}': '0x20'
    },
    firing('9m', 'GatewayLimitNearlyReached')
  ),
  rule(
    'a limit is half used',
    {
      'proxy_concurrency_running{scope="pool",id="app"}': '50x6 95 50x13',
      'proxy_concurrency_limit{scope="pool",id="app"}': '100x20',
      'proxy_concurrency_refused_total{scope="pool",id="app"}': '0x20'
    },
    firing('15m')
  ),
  rule(
    'requests wait for connections, a queue that is empty now and then',
    { 'proxy_upstream_queue_length{pool="app",endpoint="a"}': '9 8 0 9 7 9 0 8 9 9 8 0 9 9 9 9' },
    firing('12m', 'GatewayConnectionsQueue')
  ),
  rule(
    'a breaker is open, and tries now and then whether it may close',
    {
      'proxy_breaker_state{pool="app",state="open"}': '1 0 1 0 1 0 1 0 1 0',
      'proxy_breaker_state{pool="app",state="half_open"}': '0 1 0 1 0 1 0 1 0 1',
      'proxy_breaker_state{pool="app",state="closed"}': '0x9'
    },
    firing('8m', 'GatewayBreakerOpen')
  )
]

test('alerts fire for what lasts, however samples fall, and only then', bounded, async (t) => {
  const command = await ensureCommand(t, 'promtool', { package: 'prometheus' })
  if (command === null) return
  const { gateway } = await startGateway(t, {
    probes: { port: 0, host: '127.0.0.1' },
    metrics: true,
    pools: { app: { endpoints: ['http://127.0.0.1:1'], concurrency: { max: 10 }, circuitBreaker: {} } },
    routes: [{ id: 'all', path: '/*', pool: 'app' }],
    shutdown: { signals: false, wait: '0ms', drain: '0ms' }
  })
  const rules = await (await fetch(`http://127.0.0.1:${gateway.probePort}/metrics/rules.yml`)).text()
  await testRules(t, command, rules, TESTS)
})
