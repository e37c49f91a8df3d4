import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  type BalancingConfig,
  type BalancingPolicyType,
  core,
  Gateway,
  type GatewayConfig,
  type PoolConfig
} from '@gatewright/core'
import { balancingSuite } from '@gatewright/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import balancing, { balancingPolicies } from './index.js'

async function start(t: TestContext, config: GatewayConfig): Promise<FastifyInstance> {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config })
  await app.register(balancing)
  await app.ready()
  return app
}

const withPool = (options: PoolConfig['balancing']): GatewayConfig => ({
  pools: {
    a: {
      endpoints: ['http://10.0.0.1', 'http://10.0.0.2'],
      ...(options === undefined ? {} : { balancing: options })
    }
  }
})
const secret = 's'.repeat(32)

test('a pool that says nothing is balanced by p2c', async (t) => {
  const app = await start(t, withPool(undefined))
  assert.equal(app.gateway.pool('a').policy.name, 'p2c')
})

for (const { name } of balancingPolicies) {
  test(`a pool can ask for ${name}`, async (t) => {
    const app = await start(
      t,
      withPool((name === 'sticky' ? { type: name, secret } : name) as BalancingConfig)
    )
    assert.equal(app.gateway.pool('a').policy.name, name)
  })
}

test('the policy first of core is still there', async (t) => {
  const app = await start(t, withPool('first'))
  assert.equal(app.gateway.pool('a').policy.name, 'first')
})

const { policyTypes } = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
const first = policyTypes.get('first') as BalancingPolicyType
balancingSuite('first', (context) => first.create(undefined as never, context), 'any')

const good: PoolConfig['balancing'][] = [
  { type: 'peak-ewma', decay: '5s', assumed: '30ms', penalty: '0s' },
  { type: 'consistent-hash', key: 'header:X-User', boundedLoad: false },
  { type: 'consistent-hash', key: 'query:user id', boundedLoad: 2 },
  {
    type: 'sticky',
    secret,
    cookie: 'session',
    sameSite: 'none',
    secure: true,
    maxAge: '1h',
    onLost: 'fail',
    inner: 'random'
  }
]
for (const options of good) {
  test(`good options are accepted: ${JSON.stringify(options)}`, async (t) => {
    await start(t, withPool(options))
  })
}

const bad: [options: unknown, problem: RegExp][] = [
  [
    'rund-robin',
    /pools\.a\.balancing: there is no balancing policy 'rund-robin'; did you mean 'round-robin'\?/
  ],
  [{ type: 'p2c', choices: 3 }, /pools\.a\.balancing: unknown key 'choices'; 'p2c' has no options/],
  [{ type: 'random', weight: 3 }, /unknown key 'weight'/],
  [{ type: 'first', x: 1 }, /unknown key 'x'/],
  [{ type: 'peak-ewma', decay: '0s' }, /pools\.a\.balancing\.decay: '0s' must be a duration/],
  [{ type: 'peak-ewma', decay: '0.00s' }, /balancing\.decay/],
  [{ type: 'peak-ewma', decay: 10 }, /balancing\.decay: 10 must be a duration above nothing/],
  [{ type: 'peak-ewma', penalty: '5' }, /balancing\.penalty: '5' must be a duration/],
  [{ type: 'peak-ewma', asumed: '1s' }, /unknown key 'asumed'; did you mean 'assumed'\?/],
  [{ type: 'consistent-hash', key: 'ip' }, /balancing\.key: 'ip' must be 'client', 'path', 'header:<name>'/],
  [{ type: 'consistent-hash', key: 'header:' }, /balancing\.key/],
  [
    { type: 'consistent-hash', boundedLoad: 1 },
    /balancing\.boundedLoad: 1 must be a number from 1\.01 to 100/
  ],
  [{ type: 'consistent-hash', boundedLoad: true }, /balancing\.boundedLoad/],
  ['sticky', /pools\.a\.balancing: 'secret' is missing/],
  [
    { type: 'sticky', secret: 'x'.repeat(31) },
    /balancing\.secret: .* must be a string of at least 32 characters/
  ],
  [
    { type: 'sticky', secret, onLost: 'retry' },
    /balancing\.onLost: 'retry' must be one of 'redistribute', 'fail'/
  ],
  [{ type: 'sticky', secret, inner: 'sticky' }, /balancing\.inner: 'sticky' must be one of 'p2c'/],
  [
    { type: 'sticky', secret, sameSite: 'Lax' },
    /balancing\.sameSite: 'Lax' must be one of .*did you mean 'lax'\?/
  ],
  [{ type: 'sticky', secret, cookie: 'a;b' }, /balancing\.cookie/],
  [{ type: 'sticky', secret, secure: 'yes' }, /balancing\.secure/],
  [{ type: 'sticky', secret, maxAge: 'forever' }, /balancing\.maxAge/]
]
for (const [options, problem] of bad) {
  test(`bad options stop the start: ${JSON.stringify(options)}`, async (t) => {
    await assert.rejects(start(t, withPool(options as BalancingConfig)), problem)
  })
}

test('the plugin needs core', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  await assert.rejects(async () => app.register(balancing), /@gatewright\/core/)
})
