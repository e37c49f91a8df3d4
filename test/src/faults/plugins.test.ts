import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BalancingPolicy, createGateway, type Endpoint } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import type { FastifyInstance } from 'fastify'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

const POLICY = "the balancing policy 'mine' of pool 'api'"
const KINDS: readonly [string, () => unknown, string][] = [
  [
    'throws',
    () => {
      throw new RangeError('no region')
    },
    `${POLICY} threw RangeError: no region`
  ],
  ['returns undefined', () => undefined, `${POLICY} returned undefined instead of one of the candidates`],
  [
    'returns a promise',
    () => Promise.reject(new Error('later')),
    `${POLICY} returned a promise instead of one of the candidates`
  ],
  [
    'returns a stranger',
    () => ({ name: 'http://10.0.0.9', poolId: 'api' }) as Endpoint,
    `${POLICY} returned 'http://10.0.0.9' instead of one of the candidates`
  ]
]

for (const [what, pick, detail] of KINDS)
  test(
    `a balancing policy that ${what} is named with what it did, and not to the client`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const balancing = { name: 'mine', pick } as BalancingPolicy
      let log = ''
      const stream = {
        write(text: string) {
          log += text
        }
      }
      const started = await startGateway(t, {
        logger: { level: 'error', stream },
        flightRecorder: true,
        trustedProxies: ['127.0.0.1'],
        pools: { api: { endpoints: [upstream.url], balancing } },
        routes: [{ id: 'api', path: '/*', pool: 'api' }]
      })
      const exchanges = watchExchanges(started)
      const answer = await fetch(started.url, { headers: { 'x-request-id': 'r-1' } })
      const body = await answer.text()
      const exchange = await exchanges.nth(1)
      assert.equal(answer.status, 500)
      assert.equal((JSON.parse(body) as { reason: string }).reason, 'internal_error')
      assert.ok(!body.includes('mine'), body)
      assert.equal(exchange.detail, detail)
      assert.ok(started.gateway.why('r-1').includes(detail))
      assert.ok(log.includes(detail), log)
      assert.equal(upstream.requests.length, 0)
    }
  )

type Stages = FastifyInstance['gateway']['stages']

const oops = (): never => {
  throw new RangeError('oops')
}
const STAGES: readonly [string, (stages: Stages) => void, string][] = [
  [
    'a gate',
    ({ gates }) => gates.push({ name: 'mine', enter: oops }),
    "the gate 'mine' threw RangeError: oops"
  ],
  [
    'a filter',
    ({ filters }) => filters.push({ name: 'mine', accepts: oops }),
    "a filter of pool 'api' threw RangeError: oops"
  ],
  [
    'an admission',
    ({ admissions }) => admissions.push({ name: 'mine', admit: oops }),
    "the admission 'mine' threw RangeError: oops"
  ]
]

for (const [what, add, detail] of STAGES)
  test(
    `${what} that throws is said in the access log's detail, and not to the client`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      let told: (detail: string) => void
      const closed = new Promise<string>((resolve) => {
        told = resolve
      })
      const gateway = createGateway({ logger: false, accessLog: false, shutdown: { signals: false } })
        .register(async ({ gateway: { stages } }) => {
          add(stages)
          stages.exchangeObservers.push({ closed: (exchange) => told(exchange.detail) })
        })
        .pool('api', [upstream.url])
        .route('/*', { pool: 'api' })
      t.after(() => gateway.close())
      const answer = await fetch(await gateway.listen({ port: 0, host: '127.0.0.1' }))
      const body = await answer.text()
      assert.equal(answer.status, 500)
      assert.ok(!body.includes('oops'), body)
      assert.equal(await closed, detail)
      assert.equal(upstream.requests.length, 0)
    }
  )

test('a hook that throws is said in the detail', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api', hooks: { onRequest: oops } }]
  })
  const exchanges = watchExchanges(started)
  const answer = await fetch(started.url)
  assert.ok(!(await answer.text()).includes('oops'))
  assert.equal((await exchanges.nth(1)).detail, "a hook or handler of route 'api' threw RangeError: oops")
})
