import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { ensureCommand } from '../support/debian.js'
import { type InputSeries, testRules } from '../support/promtool.js'
import { Scraped } from '../support/scraped.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 240_000 }

interface Shown {
  readonly url: string
  readonly rules: () => Promise<string>
  readonly scrape: () => Promise<Scraped>
}

async function shown(t: TestContext, config: GatewayServerConfig): Promise<Shown> {
  const { url, gateway } = await startGateway(t, {
    probes: { port: 0, host: '127.0.0.1' },
    metrics: { process: false },
    ...config,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' }
  } as GatewayServerConfig)
  const get = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${gateway.probePort}${path}`)).text()
  return {
    url,
    rules: () => get('/metrics/rules.yml'),
    scrape: async () => new Scraped(await get('/metrics'))
  }
}

/** Two scrapes as Prometheus would have kept them: five minutes of the first one, then the second one. */
function kept(before: Scraped, after: Scraped): InputSeries[] {
  return [...after.series].map(([series, value]) => {
    const first = before.value(series)
    return { series, values: `${first === undefined ? '_x4' : `${first}+0x4`} ${value}+0x10` }
  })
}

/** The series that have grown between two scrapes though the first one did not show them. */
function newborn(before: Scraped, after: Scraped): string[] {
  return [...after.series].flatMap(([series, value]) =>
    value > 0 && before.value(series) === undefined ? [series] : []
  )
}

async function refusingPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test(
  'errors right after the start page: an upstream’s own, of any status, answers that break off, and the gateway’s',
  bounded,
  async (t) => {
    const command = await ensureCommand(t, 'promtool', { package: 'prometheus' })
    if (command === null) return
    const odd = await fakeUpstream(t, { status: 520 })
    const broken = await fakeUpstream(t, { body: 'half', cut: 'mid-body' })
    const { url, rules, scrape } = await shown(t, {
      pools: {
        odd: { endpoints: [odd.url] },
        broken: { endpoints: [broken.url] },
        gone: { endpoints: [`http://127.0.0.1:${await refusingPort()}`] }
      },
      routes: [
        { id: 'odd', path: '/odd', pool: 'odd' },
        { id: 'broken', path: '/broken', pool: 'broken' },
        { id: 'gone', path: '/gone', pool: 'gone' },
        { id: 'idle', path: '/idle', pool: 'odd' }
      ]
    })
    const before = await scrape()
    for (let n = 0; n < 20; n++) {
      assert.equal((await fetch(`${url}/odd`)).status, 520)
      assert.equal((await fetch(`${url}/gone`)).status, 502)
      await assert.rejects(async () => (await fetch(`${url}/broken`)).text())
    }
    const after = await scrape()
    const pages = (route: string) => ({
      expr: `count(ALERTS{alertname="GatewayAvailabilityBurnFast",alertstate="firing",route="${route}"}) or vector(0)`,
      eval_time: '6m'
    })
    await testRules(t, command, await rules(), [
      {
        name: 'a burst between the first two scrapes',
        interval: '1m',
        input_series: kept(before, after),
        promql_expr_test: [
          ...['odd', 'broken', 'gone'].map((route) => ({
            ...pages(route),
            exp_samples: [{ labels: '{}', value: 1 }]
          })),
          { ...pages('idle'), exp_samples: [{ labels: '{}', value: 0 }] }
        ]
      }
    ])
  }
)

test(
  'what is counted first was shown as zero before: statuses, reasons, failures and broken answers',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { status: 503 })
    const broken = await fakeUpstream(t, { body: 'half', cut: 'mid-body' })
    const { url, scrape } = await shown(t, {
      pools: {
        app: {
          endpoints: [upstream.url],
          circuitBreaker: { minRequests: 5, mode: 'observe' },
          retry: 'safe'
        },
        broken: { endpoints: [broken.url] },
        gone: { endpoints: [`http://127.0.0.1:${await refusingPort()}`] }
      },
      routes: [
        { id: 'app', path: '/app', pool: 'app' },
        { id: 'broken', path: '/broken', pool: 'broken' },
        { id: 'gone', path: '/gone', pool: 'gone', fallback: { respond: { status: 203, body: 'sorry' } } },
        { id: 'teapot', path: '/teapot', respond: { status: 418, body: '' } },
        { id: 'moved', path: '/moved', redirect: { path: '/app' } },
        { id: 'own', path: '/own', handler: () => Promise.reject(new Error('own')) }
      ]
    })
    const before = await scrape()
    for (let n = 0; n < 10; n++) {
      await (await fetch(`${url}/app`)).text()
      await (await fetch(`${url}/gone`)).text()
      await (await fetch(`${url}/own`)).text()
      await (await fetch(`${url}/teapot`)).text()
      await (await fetch(`${url}/moved`, { redirect: 'manual' })).text()
      await (await fetch(`${url}/nowhere`)).text()
      await (await fetch(`${url}/a%zz`)).text()
      await assert.rejects(async () => (await fetch(`${url}/broken`)).text())
    }
    const counted = newborn(before, await scrape()).filter((series) => /^\w+_total\{/.test(series))
    assert.deepEqual(counted, [])
  }
)
