import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Events, Pool, type Timers } from '@gatewright/core'
import { lookUp } from './dns-source.js'
import { type Found, SourceLoop } from './source-loop.js'

/** Timers that fire when the test says so. */
function heldTimers(): { timers: Timers; waits: number[]; fire(): Promise<void> } {
  const waits: number[] = []
  const tasks: (() => void)[] = []
  return {
    waits,
    timers: {
      after(ms, task) {
        waits.push(ms)
        tasks.push(task)
        return () => {}
      },
      every: () => () => {}
    },
    async fire() {
      tasks.shift()?.()
      await setImmediate()
    }
  }
}

async function setUp(...answers: (Found | Error)[]) {
  const { timers, waits, fire } = heldTimers()
  const events = new Events()
  const told: string[] = []
  events.on('discovery_failed', ({ error }) => void told.push((error as Error).message))
  const pool = new Pool('p', [], { pick: ([first]) => first }, {} as never)
  async function* find(): AsyncGenerator<Found> {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    if (answer !== undefined) yield answer
  }
  const loop = new SourceLoop(pool, { timers, events, chance: () => 0.5 }, { find })
  loop.start()
  await setImmediate()
  return { loop, pool, waits, told, fire, urls: () => pool.endpoints.map(({ url }) => url) }
}

const found = (freshMs: number | null, ...endpoints: string[]): Found => ({ endpoints, freshMs })

test('it asks again when what it found is no longer fresh', async () => {
  const { urls, waits, fire } = await setUp(found(700, 'http://a.test'), found(300, 'http://b.test'))
  assert.deepEqual([urls(), waits], [['http://a.test'], [700]])
  await fire()
  assert.deepEqual([urls(), waits], [['http://b.test'], [700, 300]])
})

test('failures keep what there is, and are asked again more and more rarely', async () => {
  const errors = Array.from({ length: 7 }, (_, n) => new Error(`no ${n}`))
  const { urls, waits, told, fire } = await setUp(
    found(100, 'http://a.test'),
    ...errors,
    found(100, 'http://b.test')
  )
  for (let n = 0; n < 7; n++) await fire()
  assert.deepEqual(urls(), ['http://a.test'])
  assert.deepEqual(waits.slice(1), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  assert.equal(told.length, 7)
  await fire()
  assert.deepEqual(urls(), ['http://b.test'])
})

test('an empty or wrong list changes nothing', async () => {
  const { urls, told, fire } = await setUp(
    found(100, 'http://a.test'),
    found(100),
    found(100, 'http://b.test', 'http://b.test')
  )
  await fire()
  await fire()
  assert.deepEqual(urls(), ['http://a.test'])
  assert.deepEqual(told, ['no endpoint was found', "endpoints[1]: 'http://b.test' is listed twice"])
})

test('the time an address holds is that of the record, within bounds', async () => {
  const settings = {
    name: 'a',
    type: 'A',
    port: 80,
    protocol: 'http',
    authority: '',
    minRefreshMs: 5_000,
    maxRefreshMs: 60_000
  } as const
  for (const [ttls, ms] of [
    [[1, 9], 5_000],
    [[20, 90], 20_000],
    [[600], 60_000]
  ] as const) {
    const resolve4 = async () => ttls.map((ttl, n) => ({ address: `10.0.0.${9 - n}`, ttl }))
    const { endpoints, freshMs } = await lookUp({ resolve4 } as never, settings)
    assert.equal(freshMs, ms)
    const urls = endpoints.map((endpoint) => (typeof endpoint === 'string' ? endpoint : endpoint.url))
    assert.deepEqual(urls, [...urls].sort())
  }
})

for (const [type, authority, expected] of [
  ['A', '', 'api.test:8443'],
  ['AAAA', '', 'api.test:8443'],
  ['SRV', '', 'one.test:9000'],
  ['A', 'shop.test', 'shop.test'],
  ['SRV', 'shop.test:1', 'shop.test:1']
] as const)
  test(`what a look-up for ${type} finds goes by ${expected}${authority === '' ? '' : ', as configured'}`, async () => {
    const lookup = {
      resolve4: async () => [{ address: '10.0.0.1', ttl: 1 }],
      resolve6: async () => [{ address: '::1', ttl: 1 }],
      resolveSrv: async () => [{ name: 'one.test.', port: 9000, priority: 1, weight: 1 }]
    }
    const settings = { name: 'api.test.', type, authority, port: 8443, protocol: 'https' } as const
    const times = { minRefreshMs: 1, maxRefreshMs: 1 }
    const { endpoints } = await lookUp(lookup as never, { ...settings, ...times })
    assert.deepEqual(
      endpoints.map((endpoint) => typeof endpoint === 'object' && endpoint.authority),
      [expected]
    )
  })

test('an address that comes twice is one endpoint', async () => {
  const settings = { name: 'a', type: 'A', port: 80, protocol: 'http', authority: '' } as const
  const times = { minRefreshMs: 1, maxRefreshMs: 1 }
  const lookup = {
    resolve4: async () => ['10.0.0.2', '10.0.0.1', '10.0.0.2'].map((address) => ({ address, ttl: 1 })),
    resolve6: async () => ['::2', '::1', '::1'].map((address) => ({ address, ttl: 1 }))
  }
  for (const [type, expected] of [
    ['A', ['http://10.0.0.1:80', 'http://10.0.0.2:80']],
    ['AAAA', ['http://[::1]:80', 'http://[::2]:80']]
  ] as const) {
    const { endpoints } = await lookUp(lookup as never, { ...settings, type, ...times })
    assert.deepEqual(
      endpoints.map((endpoint) => typeof endpoint === 'object' && endpoint.url),
      expected
    )
  }
})

test('a target of SRV records that comes twice is one endpoint with both weights', async () => {
  const settings = { name: 'a', type: 'SRV', port: 0, protocol: 'http', authority: '' } as const
  const records = [
    { name: 'two.test', port: 1, priority: 5, weight: 65_535 },
    { name: 'one.test', port: 1, priority: 5, weight: 0 },
    { name: 'One.test', port: 1, priority: 5, weight: 3 },
    { name: 'one.test', port: 2, priority: 5, weight: 7 },
    { name: 'one.test', port: 1, priority: 9, weight: 50 },
    { name: 'two.test', port: 1, priority: 5, weight: 1 }
  ]
  const lookup = { resolveSrv: async () => records }
  const { endpoints } = await lookUp(lookup as never, { ...settings, minRefreshMs: 1, maxRefreshMs: 1 })
  assert.deepEqual(endpoints, [
    { url: 'http://one.test:1', weight: 4, authority: 'one.test:1' },
    { url: 'http://one.test:2', weight: 7, authority: 'one.test:2' },
    { url: 'http://two.test:1', weight: 65_535, authority: 'two.test:1' }
  ])
})
