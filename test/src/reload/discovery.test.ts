import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Pool } from '@gatewright/core'
import type { DiscoveredEndpoints } from '@gatewright/discovery'
import {
  createGateway,
  type GatewayBuilder,
  type GatewayServerConfig,
  type PoolConfig
} from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, type KitSeams, reloadSuite } from '@gatewright/testing'
import { until } from '../support/leaks.js'

const bounded = { timeout: 20_000 }

const A = 'http://a.test'
const B = 'http://b.test'
const C = 'http://c.test'

/** A source of a test's own. */
class Listed {
  readonly signals: AbortSignal[] = []
  readonly #lists: (DiscoveredEndpoints | Error)[] = []
  #more: () => void = () => {}

  constructor(...lists: (DiscoveredEndpoints | Error)[]) {
    this.#lists.push(...lists)
  }

  list(...urls: string[]): void {
    this.#lists.push(urls)
    this.#more()
  }

  get stopped(): readonly boolean[] {
    return this.signals.map(({ aborted }) => aborted)
  }

  readonly source = async function* (this: Listed, signal: AbortSignal): AsyncGenerator<DiscoveredEndpoints> {
    this.signals.push(signal)
    for (;;) {
      const next = this.#lists.shift()
      if (next instanceof Error) throw next
      if (next !== undefined) yield next
      else
        await new Promise<void>((resolve) => {
          this.#more = resolve
        })
    }
  }.bind(this)
}

interface Discovering {
  readonly kit: GatewayKit
  readonly gateway: GatewayBuilder
  /** Failures and changes of endpoints. */
  readonly told: string[]
  pool(): Pool
  urls(): string[]
  apply(pools: Record<string, PoolConfig>, options?: { readonly dryRun?: boolean }): Promise<unknown>
}

const configured = (pools: Record<string, PoolConfig>): GatewayServerConfig => ({
  accessLog: false,
  logger: false,
  pools,
  routes: Object.keys(pools).map((id) => ({ path: id === 'main' ? '/*' : `/${id}`, pool: id, retry: false }))
})

async function discovering(t: TestContext, pools: Record<string, PoolConfig>): Promise<Discovering> {
  const kit = gatewayKit()
  const gateway = createGateway(configured(pools), kit.seams) as GatewayBuilder
  t.after(() => gateway.close())
  await gateway.ready()
  const told: string[] = []
  const { events } = gateway.app.gateway
  events.on(
    'discovery_failed',
    ({ pool, error }) => void told.push(`${pool.id}: ${(error as Error).message}`)
  )
  events.on('pool_endpoints', ({ pool, added, removed }) => {
    const names = (list: readonly { readonly url: string }[]) =>
      list.map(({ url }) => url.slice(7, 8)).join('')
    told.push(`${pool.id} +${names(added)} -${names(removed)}`)
  })
  const pool = (): Pool => gateway.app.gateway.pool('main')
  return {
    kit,
    gateway,
    told,
    pool,
    urls: () => pool().endpoints.map(({ url }) => url),
    apply: (pools, options) => gateway.app.gateway.apply(configured(pools), options)
  }
}

test(
  'a source that stays goes on over a change of other keys, and tells the new pool',
  bounded,
  async (t) => {
    const listed = new Listed([A])
    const discovery = { source: listed.source }
    const { kit, gateway, apply, pool, urls, told } = await discovering(t, { main: { discovery } })
    const [endpoint] = pool().endpoints
    for (let n = 1; n <= 200; n++) await apply({ main: { discovery, timeouts: { connect: `${n}s` } } })
    assert.deepEqual([urls(), listed.stopped, told], [[A], [false], []])
    assert.equal(pool().endpoints[0], endpoint)
    listed.list(A, B)
    await until(() => urls().length === 2)
    listed.list(B)
    await until(() => urls().length === 1)
    assert.deepEqual(told, ['main +b -', 'main + -a'])
    assert.equal((await kit.request(gateway, '/main')).status, 200)
    assert.deepEqual([kit.upstream(A).seen.length, kit.upstream(B).seen.length], [0, 1])
  }
)

test(
  'another source stops the one before, whose endpoints stay until it has told some',
  bounded,
  async (t) => {
    const [one, two] = [new Listed([A, B]), new Listed()]
    const { apply, pool, urls, told } = await discovering(t, { main: { discovery: { source: one.source } } })
    const [, b] = pool().endpoints
    pool().drain(B)
    await apply({ main: { discovery: { source: two.source } } })
    one.list(C)
    await setImmediate()
    assert.deepEqual([urls(), one.stopped, two.stopped, told], [[A, B], [true], [false], []])
    two.list(B, C)
    await until(() => urls().includes(C))
    assert.deepEqual([urls(), pool().endpoints[0] === b, b?.draining], [[B, C], true, true])
  }
)

test('a pool that comes with a source has its endpoints when it is there', bounded, async (t) => {
  const listed = new Listed([A])
  const { kit, gateway, apply, told } = await discovering(t, {})
  await apply({ main: { discovery: { source: listed.source }, slowStart: { window: '1h' } } })
  assert.equal((await kit.request(gateway, '/main')).status, 200)
  // As at the start: nobody has to make room for them.
  assert.equal(gateway.app.gateway.pool('main').endpoint(A).weight, 1)
  assert.deepEqual(told, [])
})

test(
  'a source that tells nothing holds a change up for two seconds, and its failures are told after that',
  bounded,
  async (t) => {
    const listed = new Listed(new Error('no answer'))
    const { kit, gateway, apply, urls, told } = await discovering(t, { other: { endpoints: [B] } })
    let done = false
    const applied = apply({ main: { discovery: { source: listed.source } } }).then(() => {
      done = true
    })
    await kit.advance(1_990)
    assert.deepEqual([done, told], [false, []])
    assert.equal((await kit.request(gateway, '/other')).status, 200)
    await kit.advance(10)
    await applied
    assert.deepEqual(told, ['main: no answer', 'other + -b'])
    assert.equal((await kit.request(gateway, '/main')).reason, 'no_endpoint')
    listed.list(A)
    await kit.advance(60_000)
    assert.deepEqual(urls(), [A])
    assert.equal((await kit.request(gateway, '/main')).status, 200)
  }
)

test(
  'a change that is refused, or a dry run, begins no source for good and tells no failure',
  bounded,
  async (t) => {
    const [one, two] = [new Listed([A]), new Listed(new Error('no answer'), [B])]
    const main = { discovery: { source: one.source } }
    const { kit, gateway, apply, urls, told } = await discovering(t, { main })
    const next = { main: { endpoints: [C] }, more: { discovery: { source: two.source } } }
    let refuses = true
    gateway.app.gateway.changes.push({
      name: 'last',
      prepare(_next, _previous, problems) {
        if (refuses) problems.push('no room')
        return undefined
      }
    })
    const refused = assert.rejects(apply(next), /no room/)
    await kit.advance(2_000)
    await refused
    refuses = false
    const dry = apply(next, { dryRun: true })
    await kit.advance(2_000)
    await dry
    assert.ok(two.stopped.length > 0 && two.stopped.every(Boolean))
    const asked = two.signals.length
    await kit.advance(60_000)
    assert.deepEqual([urls(), one.stopped, told, two.signals.length], [[A], [false], [], asked])
    assert.equal(kit.time.pending, 0)
  }
)

test(
  'a pool that is gone, and one that lists its endpoints by now, are discovered no more',
  bounded,
  async (t) => {
    const [one, two] = [new Listed([A]), new Listed([A])]
    const pools = {
      main: { discovery: { source: one.source } },
      other: { discovery: { source: two.source } }
    }
    const { kit, apply, pool, urls } = await discovering(t, pools)
    const [endpoint] = pool().endpoints
    await apply({ main: { endpoints: [B, A] } })
    assert.deepEqual([one.stopped, two.stopped], [[true], [true]])
    one.list(C)
    two.list(C)
    await kit.advance(60_000)
    assert.deepEqual([urls(), pool().endpoints[1] === endpoint], [[B, A], true])
    assert.equal(kit.time.pending, 0)
  }
)

test(
  'a pool that gets a source goes on with the endpoints it had until it has told some',
  bounded,
  async (t) => {
    const listed = new Listed()
    const { kit, gateway, apply, pool, urls, told } = await discovering(t, { main: { endpoints: [A, B] } })
    const [, b] = pool().endpoints
    await apply({ main: { discovery: { source: listed.source } } })
    assert.deepEqual([urls(), told], [[A, B], []])
    assert.equal((await kit.request(gateway, '/main')).status, 200)
    listed.list(B, C)
    await until(() => urls().includes(C))
    assert.deepEqual([urls(), pool().endpoints[0] === b], [[B, C], true])
  }
)

test(
  'the endpoints beside a source that has found nothing yet are those of the new configuration',
  bounded,
  async (t) => {
    const listed = new Listed()
    const discovery = { source: listed.source }
    const { apply, urls, told } = await discovering(t, { main: { discovery, endpoints: [A] } })
    await apply({ main: { discovery, endpoints: [B] } })
    assert.deepEqual([urls(), told], [[B], ['main +b -a']])
    listed.list(C)
    await until(() => urls().includes(C))
    await apply({ main: { discovery, endpoints: [A] } })
    assert.deepEqual([urls(), listed.signals.length], [[C], 1])
  }
)

test('a gateway that is closed while a change waits for a source keeps none', bounded, async (t) => {
  const listed = new Listed()
  const { kit, gateway, apply } = await discovering(t, {})
  const refused = assert.rejects(apply({ main: { discovery: { source: listed.source } } }), /closed/)
  await kit.advance(100)
  await gateway.close()
  await kit.advance(2_000)
  await refused
  assert.deepEqual([listed.stopped, kit.time.pending], [[true], 0])
})

const create = (config: object, seams: KitSeams) => createGateway(config, seams) as GatewayBuilder
const always = (...urls: string[]) =>
  async function* source(signal: AbortSignal): AsyncGenerator<DiscoveredEndpoints> {
    yield urls
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
const [ab, b] = [always(A, B), always(B)]

reloadSuite('discovery', {
  create,
  config: () => configured({ main: { discovery: { source: ab } }, other: { endpoints: [C] } }),
  changed: () =>
    configured({
      main: { discovery: { source: ab }, timeouts: { connect: '1s' } },
      more: { discovery: { source: b } }
    }),
  off: () => configured({ main: { endpoints: [A, B] }, other: { endpoints: [C] } }),
  arrange: async (app, kit) => void (await kit.request(app, '/main'))
})
