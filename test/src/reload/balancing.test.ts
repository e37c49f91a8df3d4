import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BalancingPolicy, Candidates } from '@gatewright/core'
import { createGateway, type GatewayServerConfig, type PoolConfig } from '@gatewright/gateway'
import { type GatewayKit, gatewayKit, reloadSuite } from '@gatewright/testing'

const [A, B, C] = ['http://a.test', 'http://b.test', 'http://c.test'] as const
const SECRET = 'a secret of this test, and of no other one'

type Balanced = Pick<PoolConfig, 'balancing' | 'endpoints' | 'timeouts'>

function configured(pool: Balanced, more: GatewayServerConfig = {}): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    pools: { main: { endpoints: [A, B, C], ...pool } },
    routes: [{ path: '/*', pool: 'main' }],
    ...more
  }
}

for (const [name, balancing, changed] of [
  ['round robin', 'round-robin', 'p2c'],
  ['peak EWMA', { type: 'peak-ewma', decay: '5s' }, { type: 'peak-ewma', decay: '7s' }],
  ['sticky sessions', { type: 'sticky', secret: SECRET }, { type: 'sticky', secret: SECRET, onLost: 'fail' }]
] as const)
  reloadSuite(name, {
    create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
    config: () => configured({ balancing }),
    changed: () => configured({ balancing: changed, endpoints: [A, { url: B, weight: 3 }] }),
    off: () => configured({})
  })

interface Balancing {
  readonly kit: GatewayKit
  readonly app: ReturnType<typeof createGateway>['app']
  /** Which endpoints requests went to. */
  picks(count: number): Promise<string>
  change(pool: Balanced, more?: GatewayServerConfig): Promise<void>
}

async function balanced(t: TestContext, pool: Balanced): Promise<Balancing> {
  const kit = gatewayKit()
  const gateway = createGateway(configured(pool), kit.seams)
  t.after(() => gateway.close())
  await gateway.ready()
  return {
    kit,
    app: gateway.app,
    async picks(count) {
      let picked = ''
      for (let n = 0; n < count; n++) {
        const { attempts } = await kit.request(gateway, '/')
        picked += attempts[0]?.endpoint.url.slice('http://'.length)[0]
      }
      return picked
    },
    async change(next, more) {
      await gateway.app.gateway.apply(configured(next, more))
    }
  }
}

test('turns go on over a change of anything but the balancing, and begin anew with another', async (t) => {
  const balancing = 'round-robin'
  const { picks, change } = await balanced(t, { balancing })
  assert.equal(await picks(4), 'abca')
  await change({ balancing }, { via: 'other' })
  assert.equal(await picks(1), 'b')
  await change({ balancing, timeouts: { firstByte: '1s' } })
  assert.equal(await picks(1), 'c')
  await change({ balancing: 'weighted-round-robin' })
  await change({ balancing: 'weighted-round-robin', timeouts: { firstByte: '2s' } })
  assert.equal(await picks(2), 'ab')
})

test('new weights in the list hold for turns under way', async (t) => {
  const balancing = 'weighted-round-robin'
  const { picks, change } = await balanced(t, { balancing, endpoints: [A, B] })
  assert.equal(await picks(3), 'aba')
  await change({ balancing, endpoints: [A, { url: B, weight: 3 }] })
  const after = await picks(9)
  assert.ok([6, 7].includes(after.replaceAll('a', '').length), after)
})

test('an endpoint that comes gets its turn, and one that leaves gets none', async (t) => {
  const balancing = 'round-robin'
  const { picks, change } = await balanced(t, { balancing, endpoints: [A, B] })
  assert.equal(await picks(3), 'aba')
  await change({ balancing, endpoints: [A, B, C] })
  assert.match(await picks(6), /^(?=(?:.*a){2})(?=(?:.*b){2})(?=(?:.*c){2})/)
  await change({ balancing, endpoints: [A, C] })
  assert.match(await picks(4), /^(?:ac){2}$|^(?:ca){2}$/)
})

test('what is known of latencies stays with the endpoints', async (t) => {
  const balancing = { type: 'peak-ewma', decay: '60s' } as const
  const { kit, picks, change } = await balanced(t, { balancing, endpoints: [A, B] })
  const slow = (): unknown => kit.upstream(A).thenSlow('900ms')
  for (let n = 0; n < 30 && kit.upstream(A).seen.length === 0; n++) {
    slow()
    await picks(1)
  }
  await change({ balancing, endpoints: [B, A], timeouts: { firstByte: '20s' } })
  assert.equal(await picks(20), 'b'.repeat(20))
})

test('a session stays with its endpoint over changes of other things', async (t) => {
  const balancing = { type: 'sticky', secret: SECRET } as const
  const { kit, app, change } = await balanced(t, { balancing })
  const { headers, attempts } = await kit.request(app, '/')
  const [cookie] = String(headers['set-cookie']).split(';')
  const first = attempts[0]?.endpoint
  const again = async (): Promise<void> => {
    const { attempts, headers: answered } = await kit.request(app, '/', { headers: { cookie: cookie ?? '' } })
    assert.deepEqual([attempts[0]?.endpoint, answered['set-cookie']], [first, undefined])
  }
  await change({ balancing }, { via: 'other' })
  await again()
  await change({ balancing, endpoints: [C, B, A], timeouts: { firstByte: '1s' } })
  await again()
  await change({ balancing: { ...balancing, onLost: 'fail' } })
  await again()
})

test('a policy of the user’s own stays while it is the same object, whatever it keeps on itself', async (t) => {
  class Turns implements BalancingPolicy {
    turn = 0
    pick = (all: Candidates) => all[this.turn++ % all.length] ?? all[0]
  }
  const plain = {
    turn: 0,
    pick(all: Candidates) {
      return all[plain.turn++ % all.length] ?? all[0]
    }
  }
  for (const balancing of [new Turns(), plain]) {
    const { app, picks, change } = await balanced(t, { balancing })
    assert.equal(await picks(2), 'ab')
    const before = app.gateway.pool('main')
    await change({ balancing }, { via: 'other' })
    assert.equal(app.gateway.pool('main'), before)
    await change({ balancing, timeouts: { firstByte: '1s' } })
    assert.equal(app.gateway.pool('main').policy, balancing)
    assert.equal(await picks(1), 'c')
  }
})

test('requests under way end at the policy that they began with', async (t) => {
  const told: string[] = []
  const named = (name: string): BalancingPolicy => ({
    name,
    pick: ([first]) => first,
    started: () => void told.push(`${name} started`),
    ended: () => void told.push(`${name} ended`)
  })
  const { kit, app, change, picks } = await balanced(t, { balancing: named('first') })
  kit.upstream(A).thenSlow('1s')
  const waiting = app.inject('/')
  await kit.advance(10)
  await change({ balancing: named('second') })
  assert.equal(app.gateway.pool('main').endpoint(A).inFlight, 1)
  await picks(1)
  await kit.advance(1_000)
  await waiting
  assert.deepEqual(told, ['first started', 'second started', 'second ended', 'first ended'])
  assert.equal(app.gateway.pool('main').endpoint(A).inFlight, 0)
})
