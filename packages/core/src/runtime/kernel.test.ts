import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayConfig } from '../config/config.js'
import { Gateway } from './kernel.js'

const POOLS: GatewayConfig = {
  pools: { users: { endpoints: ['http://u'] }, orders: { endpoints: ['http://o'] } }
}

function kernel(config: GatewayConfig = POOLS): Gateway {
  return new Gateway({ config, clock: () => 0, chance: () => 0 })
}

test('before it is compiled there is no snapshot', () => {
  const gateway = kernel()
  assert.equal(gateway.current, undefined)
  assert.throws(() => gateway.snapshot, { code: 'GW_PLUGIN_MISSING', message: /await app\.ready\(\)/ })
  assert.throws(() => gateway.pool('users'), { code: 'GW_PLUGIN_MISSING' })
})

test('every compilation is the next revision, and the current one from then on', () => {
  const gateway = kernel()
  const first = gateway.compile()
  assert.equal(first.revision, 1)
  assert.equal(gateway.current, first)
  const second = gateway.compile()
  assert.equal(second.revision, 2)
  assert.equal(gateway.snapshot, second)
})

test('a compilation that fails leaves the current snapshot where it is', () => {
  const gateway = kernel()
  const good = gateway.compile()
  gateway.native.push({ name: 'GET /n', config: { pool: 'nope' } })
  assert.throws(() => gateway.compile(), { code: 'GW_CONFIG_INVALID' })
  assert.equal(gateway.current, good)
  gateway.native.pop()
  assert.equal(gateway.compile().revision, 2)
})

test('what plugins add takes part in the compilation', () => {
  const gateway = kernel({ pools: { p: { endpoints: ['http://h'], balancing: 'own' as 'first' } } })
  assert.throws(() => gateway.compile(), /no balancing policy 'own'/)
  gateway.policyTypes.set('own', { name: 'own', create: () => ({ name: 'own', pick: ([only]) => only }) })
  assert.equal(gateway.compile().pools.get('p')?.policy.name, 'own')
})

test('a pool is known by its id, and an unknown one by the nearest', () => {
  const gateway = kernel()
  gateway.compile()
  assert.equal(gateway.pool('users').id, 'users')
  assert.throws(() => gateway.pool('usrs'), {
    code: 'GW_POOL_UNKNOWN',
    message: "There is no pool 'usrs'; did you mean 'users'?"
  })
})

test('forwarding without a forwarder says which plugin is missing', () => {
  const { forward } = kernel()
  assert.throws(() => forward.call({} as never, {} as FastifyRequest, {} as FastifyReply), {
    code: 'GW_PLUGIN_MISSING',
    message: /@gatewright\/proxy/
  })
})

test('the policy that core brings takes the first endpoint there is', () => {
  const gateway = kernel({ pools: { p: { endpoints: ['http://a', 'http://b'] } } })
  gateway.compile()
  const { policy, endpoints } = gateway.pool('p')
  assert.equal(policy.name, 'first')
  assert.equal(policy.pick([endpoints[1] as never, endpoints[0] as never], {} as never), endpoints[1])
})
