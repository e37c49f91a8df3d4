import assert from 'node:assert/strict'
import { createConnection } from 'node:net'
import { type TestContext, test } from 'node:test'
import { core } from '@gatewright/core'
import {
  createGateway,
  type GatewaySeams,
  type GatewayServerConfig,
  gateway as gatewayPlugin
} from '@gatewright/gateway'
import { metrics } from '@gatewright/metrics'
import { fakeUpstream } from '@gatewright/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { until } from '../support/leaks.js'
import { Scraped } from '../support/scraped.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

interface Measured extends StartedGateway {
  scrape(headers?: Record<string, string>): Promise<Scraped>
}

async function measured(
  t: TestContext,
  config: GatewayServerConfig,
  seams: GatewaySeams = {},
  prepare?: Parameters<typeof startGateway>[4]
): Promise<Measured> {
  const options: GatewayServerConfig = {
    probes: { port: 0, host: '127.0.0.1' },
    metrics: true,
    ...config,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' }
  }
  const started = await startGateway(t, options, {}, seams, prepare)
  const scrape = async (headers: Record<string, string> = {}): Promise<Scraped> => {
    const response = await fetch(`http://127.0.0.1:${started.gateway.probePort}/metrics`, { headers })
    assert.equal(response.status, 200)
    return new Scraped(await response.text())
  }
  return { ...started, scrape }
}

/** Name, type and labels, as promised. */
const PROMISED: readonly (readonly [name: string, type: string, labels: readonly string[]])[] = [
  ['proxy_requests_total', 'counter', ['pool', 'route', 'status']],
  ['proxy_request_duration_seconds', 'histogram', ['pool', 'route']],
  ['proxy_request_size_bytes', 'histogram', ['route']],
  ['proxy_response_size_bytes', 'histogram', ['route']],
  ['proxy_upstream_requests_total', 'counter', ['endpoint', 'pool']],
  ['proxy_upstream_duration_seconds', 'histogram', ['endpoint', 'pool']],
  ['proxy_pool_healthy_endpoints', 'gauge', ['pool']],
  ['proxy_pool_total_endpoints', 'gauge', ['pool']],
  ['proxy_breaker_state', 'gauge', ['pool', 'state']],
  ['proxy_breaker_trips_total', 'counter', ['pool']],
  ['proxy_retries_total', 'counter', ['outcome', 'route']],
  ['proxy_retry_budget_tokens', 'gauge', ['route']],
  ['proxy_cache_requests_total', 'counter', ['result', 'route']]
]

// What a cache would do.
async function caching({ gateway }: FastifyInstance): Promise<void> {
  gateway.facts.add({
    name: 'cache' as never,
    read: () => 'miss' as never,
    counter: {
      name: 'proxy_cache_requests_total',
      help: 'What a cache did: hit, miss or bypass.',
      label: 'result'
    }
  })
}

test('the promised metrics are there, by name, type and labels', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'seven b' })
  const { url, scrape } = await measured(
    t,
    {
      pools: { app: { endpoints: [upstream.url], circuitBreaker: {} } },
      routes: [{ id: 'all', path: '/*', pool: 'app', retry: 'safe' }]
    },
    {},
    (gateway) => gateway.register(caching)
  )
  await (await fetch(`${url}/users/7?token=secret`, { method: 'POST', body: 'four' })).text()
  const shown = await scrape()
  for (const [name, type, labels] of PROMISED) {
    assert.equal(shown.types.get(name), type, name)
    assert.deepEqual(shown.labels(name), labels, name)
  }
  assert.equal(shown.value('proxy_requests_total{route="all",pool="app",status="200"}'), 1)
  assert.equal(shown.value('proxy_request_size_bytes_sum{route="all"}'), 4)
  assert.equal(shown.value('proxy_response_size_bytes_sum{route="all"}'), 7)
  assert.equal(shown.value(`proxy_upstream_requests_total{pool="app",endpoint="${upstream.url}"}`), 1)
  assert.equal(shown.value(`proxy_upstream_connections_idle{pool="app",endpoint="${upstream.url}"}`), 1)
  assert.equal(shown.value('proxy_cache_requests_total{route="all",result="miss"}'), 1)
  assert.ok(
    shown.types.has('nodejs_eventloop_lag_p99_seconds') && shown.types.has('process_cpu_seconds_total')
  )
  assert.ok(!/secret|users\/7/.test(shown.text))
})

test('what policies did is counted: retries, ejections, breakers, limits', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 503 })
  // So slow a clock that the whole test takes less than a second of it, after which the budget would grow again.
  const begun = performance.now()
  const { url, scrape, gateway } = await measured(
    t,
    {
      pools: {
        app: {
          endpoints: [upstream.url],
          circuitBreaker: { minRequests: 4, errorThresholdPercent: 50 },
          concurrency: { max: 10 }
        }
      },
      routes: [
        {
          id: 'all',
          path: '/*',
          pool: 'app',
          retry: { attempts: 2, backoff: { base: '1ms', max: '1ms' }, budgetMinPerSecond: 1 }
        }
      ]
    },
    { clock: () => 1_000 + (performance.now() - begun) / 20 }
  )
  for (let n = 0; n < 4; n++) await (await fetch(`${url}/x`)).text()
  await until(() => gateway.app.circuitBreakers.state('app') === 'open')
  const shown = await scrape()
  assert.equal(shown.value('proxy_breaker_state{pool="app",state="open"}'), 1)
  assert.equal(shown.value('proxy_breaker_state{pool="app",state="closed"}'), 0)
  assert.equal(shown.value('proxy_breaker_trips_total{pool="app"}'), 1)
  assert.ok((shown.value('proxy_retry_attempts_total{route="all"}') ?? 0) >= 1)
  assert.ok((shown.value('proxy_retries_total{route="all",outcome="exhausted"}') ?? 0) >= 1)
  assert.equal(shown.value('proxy_retries_total{route="all",outcome="success"}'), 0)
  assert.equal(shown.value('proxy_retry_budget_tokens{route="all"}'), 0)
  assert.equal(shown.value('proxy_concurrency_limit{scope="pool",id="app"}'), 10)
  assert.ok(
    (shown.value(
      `proxy_upstream_failures_total{pool="app",endpoint="${upstream.url}",reason="status_5xx"}`
    ) ?? 0) >= 4
  )
})

test('requests that no route matched are counted without their paths', bounded, async (t) => {
  const { url, scrape } = await measured(t, {
    routes: [{ id: 'one', path: '/one', respond: { status: 204 } }]
  })
  for (let n = 0; n < 20; n++) await (await fetch(`${url}/random-${n}`)).text()
  const shown = await scrape()
  assert.equal(shown.value('proxy_requests_total{route="none",pool="none",status="404"}'), 20)
  assert.equal(shown.value('proxy_request_reasons_total{route="none",reason="route_not_found"}'), 20)
  assert.ok(!shown.text.includes('random'))
})

test('a pool’s health and weights are shown as they are', bounded, async (t) => {
  const { gateway, scrape } = await measured(t, {
    pools: { app: { endpoints: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] } }
  })
  gateway.app.health.force('app', 'http://127.0.0.1:1', 'down')
  const shown = await scrape()
  assert.equal(shown.value('proxy_pool_total_endpoints{pool="app"}'), 2)
  assert.equal(shown.value('proxy_pool_healthy_endpoints{pool="app"}'), 1)
  const one = 'pool="app",endpoint="http://127.0.0.1:1"'
  assert.equal(shown.value(`proxy_endpoint_health{${one},state="unhealthy"}`), 1)
  assert.equal(shown.value(`proxy_endpoint_health{${one},state="healthy"}`), 0)
  assert.equal(shown.value('proxy_endpoint_health_changes_total{pool="app",to="unhealthy"}'), 1)
})

test('a token is asked for where one is wanted', bounded, async (t) => {
  process.env.SCRAPE_TOKEN = 'open sesame'.replace(' ', '-')
  t.after(() => delete process.env.SCRAPE_TOKEN)
  const { gateway, scrape } = await measured(t, { metrics: { requireToken: true, tokenEnv: 'SCRAPE_TOKEN' } })
  const at = `http://127.0.0.1:${gateway.probePort}/metrics`
  for (const path of ['', '/rules.yml', '/dashboard.json'])
    for (const authorization of ['', 'Bearer wrong', 'Basic open-sesame', 'open-sesame']) {
      const response = await fetch(at + path, { headers: { authorization } })
      assert.equal(response.status, 401)
      assert.equal(response.headers.get('www-authenticate'), 'Bearer')
      assert.ok(!(await response.text()).includes('proxy_'))
    }
  assert.ok((await scrape({ authorization: 'Bearer open-sesame' })).types.has('proxy_draining'))
  assert.equal((await fetch(at.replace('/metrics', '/live'))).status, 200)
})

test('a configuration whose metrics nobody would serve is refused', bounded, async (t) => {
  await assert.rejects(
    startGateway(t, { metrics: true, probes: false }),
    /metrics\.listener: 'probes' \(default\)/
  )
  await assert.rejects(
    startGateway(t, { metrics: { path: '/live' } }),
    /metrics\.path: '\/live' is a probe's/
  )
  await assert.rejects(startGateway(t, { metrics: { requireToken: true } }), /GW_METRICS_TOKEN/)
  await assert.rejects(
    startGateway(t, { metrics: { patch: '/m' } as object }),
    /metrics: unknown key 'patch'.*'path'/
  )
})

test('the app itself serves them when asked to, and as a plugin', bounded, async (t) => {
  const { url } = await startGateway(t, { metrics: { listener: 'app', path: '/internal/metrics' } })
  assert.ok((await (await fetch(`${url}/internal/metrics`)).text()).includes('proxy_config_revision 1'))
  assert.equal((await fetch(`${url}/metrics`)).status, 404)
  const app = Fastify()
  t.after(() => app.close())
  app.register(gatewayPlugin, { metrics: true, routes: [{ path: '/x', respond: { status: 204 } }] })
  await app.inject('/x')
  const { body, headers } = await app.inject('/metrics')
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  assert.match(body, /proxy_requests_total\{route="[^"]+",pool="none",status="204"\} 1/)
})

test('it works with the core plugin alone, and a key without its plugin is refused', bounded, async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: { metrics: { process: false } } })
  await app.register(metrics)
  const { body } = await app.inject('/metrics')
  assert.ok(body.includes('proxy_draining 0') && !body.includes('nodejs_'))
  const other = Fastify()
  t.after(() => other.close())
  await other.register(core, { config: { metrics: true } })
  await assert.rejects(async () => other.ready(), /metrics: needs the plugin '@gatewright\/metrics'/)
})

test('a measure of a user’s own is shown, and one that throws harms nothing', bounded, async (t) => {
  const { gateway, scrape } = await measured(t, { routes: [{ path: '/x', respond: { status: 204 } }] })
  gateway.app.gateway.gauges.push(
    { name: 'tenants', help: 'Tenants.', type: 'gauge', labels: ['plan'], read: (show) => show(3, 'free') },
    {
      name: 'broken',
      help: 'Throws.',
      type: 'gauge',
      labels: [],
      read: () => {
        throw new Error('broken')
      }
    }
  )
  const shown = await scrape()
  assert.equal(shown.value('tenants{plan="free"}'), 3)
  assert.equal(shown.value('proxy_draining'), 0)
})

test('a scraper that never reads delays no request', bounded, async (t) => {
  const { gateway, url, scrape } = await measured(t, { routes: [{ path: '/x', respond: { status: 204 } }] })
  const port = gateway.probePort as number
  const stuck = Array.from({ length: 20 }, () => {
    const socket = createConnection(port, '127.0.0.1').pause()
    socket.on('error', () => {})
    for (let n = 0; n < 20; n++) socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
    return socket
  })
  t.after(() => stuck.map((socket) => socket.destroy()))
  for (let n = 0; n < 100; n++) assert.equal((await fetch(`${url}/x`)).status, 204)
  assert.ok((await scrape()).text.includes('status="204"} 100'))
})

test('endpoints that have left are shown for some minutes, and then no more', bounded, async (t) => {
  const [one, two] = [await fakeUpstream(t), await fakeUpstream(t)]
  let passed = 0
  const { gateway, url, scrape } = await measured(
    t,
    { pools: { app: { endpoints: [one.url] } }, routes: [{ path: '/*', pool: 'app' }] },
    { clock: () => performance.now() + passed }
  )
  await (await fetch(url)).text()
  gateway.app.gateway.pool('app').replaceEndpoints([`${two.url}/?key=secret`])
  await (await fetch(url)).text()
  const first = await scrape()
  assert.equal(first.value(`proxy_upstream_requests_total{pool="app",endpoint="${one.url}"}`), 1)
  assert.equal(first.value(`proxy_upstream_requests_total{pool="app",endpoint="${two.url}"}`), 1)
  assert.ok(!first.text.includes('secret'))
  passed = 6 * 60_000
  assert.ok(!(await scrape()).text.includes(one.url))
})

test('a token that comes with another plugin is asked for', bounded, async (t) => {
  t.after(() => delete process.env.LATE_TOKEN)
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    metrics: { listener: 'app', requireToken: true, tokenEnv: 'LATE_TOKEN' },
    shutdown: { signals: false, drain: '0ms' }
  }).register(async () => {
    process.env.LATE_TOKEN = 'late\n'
  })
  t.after(() => gateway.close())
  assert.equal((await gateway.inject('/metrics')).statusCode, 401)
  const headers = { authorization: 'Bearer late' }
  assert.equal((await gateway.inject({ url: '/metrics', headers })).statusCode, 200)
})

test('a breaker that only observes is not shown as open', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 500 })
  const { url, scrape, gateway } = await measured(t, {
    pools: { app: { endpoints: [upstream.url], circuitBreaker: { minRequests: 2, mode: 'observe' } } },
    routes: [{ id: 'all', path: '/*', pool: 'app' }]
  })
  for (let n = 0; n < 4; n++) await (await fetch(url)).text()
  assert.equal(gateway.app.circuitBreakers.state('app'), 'open')
  const shown = await scrape()
  assert.equal(shown.value('proxy_breaker_state{pool="app",state="open"}'), undefined)
  assert.equal(shown.value('proxy_observed_total{route="all",reason="circuit_open"}'), 2)
})

test('requests that waited for a connection in vain are in the queue’s histogram', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { url, scrape } = await measured(t, {
    pools: { app: { endpoints: [upstream.url], connections: { max: 1 } } },
    routes: [
      { id: 'holds', path: '/holds', pool: 'app' },
      { id: 'all', path: '/*', pool: 'app', timeouts: { total: '100ms' } }
    ]
  })
  // The one connection is held until the others have given up: none of them may be handed it with its last breath.
  const held = upstream.hold()
  const first = fetch(`${url}/holds`)
  const { respond } = await held
  const answers = await Promise.all([fetch(url), fetch(url)])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [504, 504]
  )
  await respond.answer({ status: 500 })
  assert.equal((await first).status, 500)
  await (await first).text()
  const shown = await scrape()
  assert.equal(shown.value('proxy_upstream_phase_seconds_count{pool="app",phase="queue"}'), 2)
  const failures = shown.text.match(/^proxy_upstream_failures_total\{.* [1-9]\d*$/gm)
  assert.deepEqual(failures, [
    `proxy_upstream_failures_total{pool="app",endpoint="${upstream.url}",reason="status_5xx"} 1`
  ])
})

test('answers of the gateway’s own have a size too', bounded, async (t) => {
  const { url, scrape } = await measured(t, {
    routes: [{ id: 'hello', path: '/hello', respond: { status: 200, body: 'hello' } }]
  })
  await (await fetch(`${url}/hello`)).text()
  await fetch(`${url}/hello`, { method: 'HEAD' })
  assert.equal((await scrape()).value('proxy_response_size_bytes_sum{route="hello"}'), 5)
})

test('the probe listener answers GET and HEAD, and nothing else', bounded, async (t) => {
  const { gateway } = await measured(t, {})
  for (const path of ['/live', '/metrics']) {
    const at = `http://127.0.0.1:${gateway.probePort}${path}`
    const response = await fetch(at, { method: 'POST' })
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'])
    assert.equal((await fetch(at, { method: 'HEAD' })).status, 200)
  }
})
