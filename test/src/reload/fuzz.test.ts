import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, seededChance } from '@gatewright/testing'
import { changed, firstConfig } from '../support/config-changes.js'
import { until, watchLeaks } from '../support/leaks.js'
import { startGateway } from '../support/start-gateway.js'

const STEPS = 100
const SEED = 7

const PROBES = [
  ['GET', '/a/7'],
  ['GET', '/a/'],
  ['POST', '/b/x'],
  ['GET', '/fixed'],
  ['GET', '/v1/x?q=1'],
  ['GET', '//a//7'],
  ['PUT', '/elsewhere']
] as const

type App = GatewayBuilder['app']

/** What a gateway does with requests, and what it shows of itself. */
async function behaviour({ app }: Pick<GatewayBuilder, 'app'>, upstreamSaw: () => string): Promise<unknown> {
  const answers: unknown[] = []
  for (const [method, url] of PROBES) {
    const { revision: _, ...explained } = app.gateway.explain({ method, url, headers: { host: 'gw.test' } })
    const headers = {
      host: 'gw.test',
      'x-user': 'joe',
      'x-probe': 'yes',
      'x-request-id': 'mine',
      'x-forwarded-for': '203.0.113.9'
    }
    const answer = await app.inject({ method, url, headers })
    answers.push([
      method,
      url,
      answer.statusCode,
      fieldsOf(answer.headers),
      answer.body.replace(/[\da-f]{8}-[\da-f-]{27}/, 'id'),
      upstreamSaw(),
      steady(explained)
    ])
  }
  const { snapshot } = app.gateway
  return {
    answers,
    stages: Object.entries(snapshot.stages).map(([kind, list]) => [
      kind,
      Array.isArray(list) ? list.length : list?.constructor.name
    ]),
    steps: [snapshot, ...snapshot.routes].map(({ pipeline }) => pipeline.names),
    pools: [...snapshot.pools.values()].map(({ id, policyName, settings, endpoints, candidates }) => ({
      id,
      policyName,
      settings,
      endpoints: endpoints.map(({ url, share, weight, draining, health }) => ({
        url,
        share,
        weight,
        draining,
        health: known(health)
      })),
      candidates: candidates.map(({ url }) => url)
    })),
    limits: app.overload.state().limits.map(({ key, limit }) => ({ key, limit })),
    breakers: app.circuitBreakers.states(),
    health: app.health.states().map(({ health, ...state }) => ({ ...state, health: known(health) })),
    budgets: labels(app, 'proxy_retry_budget_tokens')
  }
}

function labels(app: App, name: string): string[] {
  const found: string[] = []
  for (const gauge of app.gateway.gauges)
    if (gauge.name === name) gauge.read((_value, ...of) => void found.push(of.join()))
  return found
}

// In flight are requests of the background.
function steady(explained: object): unknown {
  return JSON.parse(
    JSON.stringify(explained, (key, value) =>
      key === 'inFlight' ? undefined : key === 'health' ? known(value) : value
    )
  )
}

// The one that goes on may have probed already.
function known(health: string): string {
  return health === 'unknown' ? 'healthy' : health
}

function fieldsOf({
  date: _,
  'x-request-id': id,
  'x-correlation-id': correlation,
  'set-cookie': cookies,
  ...others
}: Record<string, unknown>): unknown {
  return { ...others, ids: [typeof id, typeof correlation, typeof cookies] }
}

async function fresh(config: GatewayServerConfig): Promise<GatewayBuilder> {
  const gateway = createGateway(config) as GatewayBuilder
  try {
    await gateway.ready()
    return gateway
  } catch (error) {
    await gateway.close().catch(() => {})
    throw error
  }
}

test('changes at random: each leaves a gateway like one that began with it, or changes nothing', {
  timeout: 120_000
}, async (t: TestContext) => {
  const { warnings } = watchLeaks(t)
  let saw = ''
  const upstreams = [0, 1, 2].map(() =>
    fakeUpstream(t, (request, answer) => {
      if (request.headers.some(([name]) => name === 'x-probe'))
        saw = `${request.method} ${request.target} ${request.headers
          .map(([name]) => name.toLowerCase())
          .filter((name) => !/^(?:x-(?:request|correlation)-id|traceparent)$/.test(name))
          .sort()
          .join()}`
      answer.answer({ body: 'done' })
    })
  )
  const urls = (await Promise.all(upstreams)).map(({ url }) => url)
  const saying = (): string => {
    const text = saw
    saw = ''
    return text
  }
  const chance = seededChance(SEED)
  let config = firstConfig(urls)
  const { gateway, url } = await startGateway(t, config)
  let ended = false
  const traffic = Array.from({ length: 4 }, async () => {
    while (!ended) {
      const answer = await fetch(`${url}/a/slow`, { redirect: 'manual' })
      await answer.arrayBuffer()
      assert.ok(
        [200, 302, 301, 307, 308, 400, 403, 404, 405, 414, 503].includes(answer.status),
        String(answer.status)
      )
    }
  })
  let refused = 0
  for (let step = 1; step <= STEPS; step++) {
    const next = changed(config, chance, urls)
    const told = `step ${step}`
    const { snapshot } = gateway.app.gateway
    const [applied, started] = await Promise.all([
      gateway.app.gateway.apply(next).then(
        () => null,
        (error: Error) => error.message
      ),
      fresh(next).then(
        (one) => one,
        (error: Error) => error.message
      )
    ])
    if (typeof started === 'string') {
      assert.equal(applied, started, told)
      assert.equal(gateway.app.gateway.snapshot, snapshot, told)
      refused++
      continue
    }
    assert.equal(applied, null, told)
    config = next
    await until(() => true)
    assert.deepEqual(await behaviour(gateway, saying), await behaviour(started, saying), told)
    await started.close()
  }
  ended = true
  await Promise.all(traffic)
  await until(() => gateway.app.gateway.retiring === 0)
  assert.deepEqual(warnings, [])
  assert.ok(refused > STEPS / 10 && refused < STEPS * 0.9, String(refused))
})
