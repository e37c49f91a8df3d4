import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { core, defineKey } from '@gatewright/core'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { proxy } from '@gatewright/proxy'
import { routing } from '@gatewright/routing'
import Fastify from 'fastify'
import { type Stamps, stamping, stampKey } from '../support/toy-stamp.js'

const endpoints = ['http://a.test']

/** A gateway with the toy feature; its stamps are those of the running configuration. */
function stamped(t: TestContext, config: object): { gateway: GatewayBuilder; stamps: Stamps } {
  const stamps: Stamps = new Map()
  const gateway = createGateway({ logger: false, accessLog: false, ...config } as GatewayServerConfig)
  t.after(() => gateway.close())
  gateway.register(stamping(stamps))
  return { gateway: gateway as GatewayBuilder, stamps }
}

async function problemsOf(t: TestContext, config: object): Promise<string[]> {
  const error = await stamped(t, config)
    .gateway.ready()
    .then(
      () => assert.fail('it starts'),
      (reason: Error) => reason
    )
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.replace('  - ', ''))
}

const route = (more: object): object => ({
  pools: { a: { endpoints } },
  routes: [{ id: 'r', path: '/*', pool: 'a', ...more }]
})

const MISTAKES: readonly [config: object, problem: string][] = [
  [route({ stamp: 5 }), "routes[0].stamp: 5 must be false or an object; its keys: 'text', 'holds', 'keeps'"],
  [route({ stamp: {} }), "routes[0].stamp: 'text' is missing"],
  [route({ stamp: { text: '' } }), "routes[0].stamp.text: '' must be a string of 1 to 8 characters"],
  [route({ stamp: { text: ' ' } }), 'routes[0].stamp.text: must have something to read'],
  [route({ stamp: { txt: 'a', text: 'a' } }), "routes[0].stamp: unknown key 'txt'; did you mean 'text'?"],
  [route({ stamp: { text: 'a', holds: '1s' } }), "routes[0].stamp.holds: '1s' must be from 2s to 596h"],
  [route({ stmap: false }), "routes[0]: unknown key 'stmap'; did you mean 'stamp'?"],
  [route({ keeps: 5 }), "routes[0]: unknown key 'keeps'; did you mean 'stamp.keeps'?"],
  [
    { pools: { a: { endpoints, stamp: { text: 'far too long' } } } },
    "pools.a.stamp.text: 'far too long' must be a string of 1 to 8 characters"
  ],
  [
    { policies: { p: { stamp: true } } },
    "policies.p.stamp: true must be false or an object; its keys: 'text', 'holds', 'keeps'"
  ],
  [{ stampRolls: 0 }, 'stampRolls: 0 must be a whole number of at least 1'],
  [{ stampRoll: 1 }, "the configuration: unknown key 'stampRoll'; did you mean 'stampRolls'?"],
  [
    { routes: [{ path: '/x', respond: {}, stamp: { text: 'a' } }] },
    "routes[0].stamp: does nothing: the route answers with 'respond' and forwards nothing"
  ]
]

for (const [config, problem] of MISTAKES)
  test(`a wrong value for a key of a feature is refused as one of core's own: ${problem}`, async (t) => {
    assert.deepEqual(await problemsOf(t, config), [problem])
  })

test('a key of a feature stands where it says, and its plugin is needed', async (t) => {
  const { gateway } = stamped(t, route({ stamp: { text: 'a' } }))
  await gateway.ready()
  const without = createGateway({ logger: false, ...route({ stamp: { text: 'a' } }) } as GatewayServerConfig)
  t.after(() => without.close())
  await assert.rejects(without.ready(), /routes\[0\]: unknown key 'stamp'/)
  assert.match((await problemsOf(t, { stamp: false })).join(), /^the configuration: unknown key 'stamp'/)
  assert.match(
    (await problemsOf(t, route({ stampRolls: 1 }))).join(),
    /^routes\[0\]: unknown key 'stampRolls'/
  )
})

test('a key of one of the own packages, whose plugin is missing, is told to need it', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  const pools = { a: { endpoints, circuitBreaker: {}, health: false }, b: { discovery: {} } }
  const config = { pools, routes: [{ path: '/*', pool: 'a', retry: 'safe', hedge: false }], overload: {} }
  app
    .register(core, { config: config as object })
    .register(proxy)
    .register(routing)
  await assert.rejects(async () => app.ready(), {
    message: [
      'The gateway configuration is not valid:',
      "  - pools.a.circuitBreaker: needs the plugin '@gatewright/circuit-breaker'",
      "  - pools.b.discovery: needs the plugin '@gatewright/discovery'",
      "  - routes[0].retry: needs the plugin '@gatewright/retry'",
      "  - overload: needs the plugin '@gatewright/overload'"
    ].join('\n')
  })
})

test('a route has the nearest setting whole: its own, that of the last policy, its pool’s; false turns it off', async (t) => {
  const { gateway, stamps } = stamped(t, {
    pools: { a: { endpoints, stamp: { text: 'pool', holds: '9s' } }, b: { endpoints } },
    policies: { one: { stamp: { text: 'one' } }, two: { stamp: { text: 'two' } }, off: { stamp: false } },
    routes: [
      { id: 'inherits', path: '/1', pool: 'a' },
      { id: 'own', path: '/2', pool: 'a', stamp: { text: 'own' } },
      { id: 'last', path: '/3', pool: 'a', use: ['one', 'two'] },
      { id: 'off', path: '/4', pool: 'a', stamp: false },
      { id: 'by policy off', path: '/5', pool: 'a', use: ['one', 'off'] },
      { id: 'absent', path: '/6', pool: 'a', use: ['one'], stamp: undefined },
      { id: 'none', path: '/7', pool: 'b' }
    ]
  })
  const config = { gateway: { id: 'native', pool: 'a', stamp: { text: 'native' } } }
  gateway.app.after(() => gateway.app.get('/native', { config }, gateway.app.gateway.forward))
  await gateway.ready()
  assert.deepEqual(Object.fromEntries(stamps), {
    inherits: { stamp: { text: 'pool', holdsMs: 9_000 }, origin: 'pool' },
    own: { stamp: { text: 'own', holdsMs: 5_000 }, origin: 'route' },
    last: { stamp: { text: 'two', holdsMs: 5_000 }, origin: 'policy' },
    off: { stamp: null, origin: 'route' },
    'by policy off': { stamp: null, origin: 'policy' },
    absent: { stamp: { text: 'one', holdsMs: 5_000 }, origin: 'policy' },
    none: { stamp: null, origin: null },
    native: { stamp: { text: 'native', holdsMs: 5_000 }, origin: 'route' }
  })
})

test('a feature says how much of a body is kept for it, and the most of all is kept', async (t) => {
  const keeps = { text: 'a', keeps: 100 }
  const { gateway } = stamped(t, {
    pools: { a: { endpoints, stamp: keeps } },
    routes: [
      { path: '/1', pool: 'a' },
      { path: '/2', pool: 'a', retry: { bufferBody: '1KiB' } },
      { path: '/3', pool: 'a', stamp: false }
    ]
  })
  await gateway.ready()
  const { routes } = gateway.app.gateway.snapshot
  assert.deepEqual(
    routes.map(({ keepBody }) => keepBody),
    [100, 1_024, 0]
  )
})

test('a change of a key that is read once is refused by its name, and of others taken', async (t) => {
  const { gateway, stamps } = stamped(t, { ...route({ stamp: { text: 'a' } }), stampRolls: 3 })
  await gateway.ready()
  const kernel = gateway.app.gateway
  const next = { ...kernel.config, ...route({ stamp: { text: 'b' } }) }
  await kernel.apply(next)
  assert.equal(stamps.get('r')?.stamp?.text, 'b')
  await assert.rejects(kernel.apply({ ...next, stampRolls: 4 }), /stampRolls: a change needs a restart/)
  assert.equal(stamps.get('r')?.stamp?.text, 'b')
})

test('a key is registered once, before the app is ready, and under a name of its own', async (t) => {
  const named = (name: string, more: object = {}) =>
    defineKey({ name, on: ['pool'], plugin: 'other', reload: 'live', schema: {}, ...more })
  const { gateway } = stamped(t, {})
  await gateway.app.after()
  const { keys } = gateway.app.gateway
  keys.add(stampKey)
  const code = 'GW_REGISTRATION_INVALID'
  assert.throws(() => keys.add(named('stamp')), {
    code,
    message: "the key 'stamp' of other is one of toy-stamp already: choose another name"
  })
  assert.throws(() => keys.add(named('timeouts')), { code, message: /is one of @gatewright\/core already/ })
  assert.throws(() => keys.add(named('Not a name')), { code, message: /must be a name such as 'slowStart'/ })
  assert.throws(() => keys.add(named('once', { reload: 'restart' })), {
    code,
    message: /must be reloaded 'live'/
  })
  await gateway.ready()
  assert.throws(() => keys.add(named('late')), { code, message: /comes too late/ })
})
