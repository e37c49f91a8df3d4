import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { accessLog } from '@gatewright/access-log'
import { auth } from '@gatewright/auth'
import { balancing, balancingPolicies } from '@gatewright/balancing'
import { circuitBreaker } from '@gatewright/circuit-breaker'
import { compression } from '@gatewright/compression'
import { core, type GatewayConfig } from '@gatewright/core'
import { cors } from '@gatewright/cors'
import { discovery } from '@gatewright/discovery'
import { filters } from '@gatewright/filters'
import { flightRecorder } from '@gatewright/flight-recorder'
import { health } from '@gatewright/health'
import { metrics } from '@gatewright/metrics'
import { overload } from '@gatewright/overload'
import { proxy } from '@gatewright/proxy'
import { rateLimit } from '@gatewright/rate-limit'
import { retry } from '@gatewright/retry'
import { routing } from '@gatewright/routing'
import { securityHeaders } from '@gatewright/security-headers'
import { tracing } from '@gatewright/tracing'
import { validation } from '@gatewright/validation'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { composedSchemas } from '../support/config-schemas.js'

const POOLS = { a: { endpoints: ['http://a.test'] } }

function appWith(t: TestContext, config: GatewayConfig, lines: string[] = []): FastifyInstance {
  const app = Fastify({
    logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } }
  })
  t.after(() => app.close())
  app.register(core, { config })
  return app
}

async function refused(app: FastifyInstance): Promise<string[]> {
  const error = await app.ready().then(
    () => assert.fail('it starts'),
    (reason: NodeJS.ErrnoException) => reason
  )
  assert.equal(error.code, 'GW_CONFIG_INVALID')
  const [, ...lines] = error.message.split('\n')
  return lines.map((line) => line.replace('  - ', ''))
}

const WITHOUT_OPTIONS: Record<string, FastifyPluginAsync> = {
  'access-log': accessLog,
  auth,
  balancing,
  'circuit-breaker': circuitBreaker,
  cors,
  discovery,
  filters,
  'flight-recorder': flightRecorder,
  health,
  overload,
  'rate-limit': rateLimit,
  'security-headers': securityHeaders,
  compression: compression,
  proxy,
  retry,
  tracing,
  validation
}

for (const [name, plugin] of Object.entries(WITHOUT_OPTIONS))
  test(`options are refused by @gatewright/${name}, which takes none`, async (t) => {
    const app = appWith(t, { pools: POOLS })
    app.register(plugin, { interval: '1s', prefix: '/x' } as never)
    const [problem = '', ...more] = await refused(app)
    assert.deepEqual(more, [])
    assert.match(
      problem,
      new RegExp(`^@gatewright/${name}: takes no options, and was given 'interval'; .* (?:has|have) `)
    )
  })

test('an option that a plugin does not have is refused with the nearest one', async (t) => {
  const routed = appWith(t, {})
  routed.register(routing, { perfix: '/api' } as never)
  assert.deepEqual(await refused(routed), [
    "@gatewright/routing: there is no option 'perfix'; did you mean 'prefix'?"
  ])
  const measured = appWith(t, {})
  measured.register(metrics, { listner: 'app' } as never)
  assert.deepEqual(await refused(measured), [
    "@gatewright/metrics: there is no option 'listner'; did you mean 'listener'?"
  ])
  const clockless = Fastify()
  clockless.register(core, { config: {}, clok: () => 0 } as never)
  assert.deepEqual(await refused(clockless), [
    "@gatewright/core: there is no option 'clok'; did you mean 'clock'?"
  ])
})

const { config: whole } = await composedSchemas()

for (const key of Object.keys(whole.properties))
  test(`${key} given to core beside 'config' is refused`, async () => {
    const app = Fastify()
    app.register(core, { [key]: {} } as never)
    assert.deepEqual(await refused(app), [
      `@gatewright/core: '${key}' belongs into 'config': register(core, { config: { ${key} } })`
    ])
  })

for (const [name, plugin] of Object.entries({ core, ...WITHOUT_OPTIONS, routing, metrics }))
  test(`a configuration that is missing is refused, and not by what @gatewright/${name} makes of it`, async (t) => {
    for (const config of [undefined, null]) {
      const app = appWith(t, config as never)
      if (name !== 'core') app.register(plugin as FastifyPluginAsync)
      assert.deepEqual(await refused(app), [`the configuration: ${config} must be an object`])
    }
  })

test('routes without the routing plugin are refused', async (t) => {
  const app = appWith(t, { pools: POOLS, routes: [{ path: '/*', pool: 'a' }] })
  assert.deepEqual(await refused(app), ["routes: needs the plugin '@gatewright/routing'"])
})

test('a balancing policy without the plugin that brings it is refused with its name', async (t) => {
  for (const { name } of balancingPolicies) {
    const app = appWith(t, { pools: { a: { ...POOLS.a, balancing: name as never } } })
    assert.deepEqual(await refused(app), [
      `pools.a.balancing: '${name}' needs the plugin '@gatewright/balancing'`
    ])
  }
})

test('a pool to which nothing leads is told at the start, unless a hook could choose it', async (t) => {
  const fallback = { pool: 'spare' }
  const pools = { a: POOLS.a, spare: POOLS.a, idle: POOLS.a }
  const lines: string[] = []
  const app = appWith(t, { pools, routes: [{ path: '/*', pool: 'a', fallback }] }, lines)
  app.register(proxy).register(routing)
  await app.ready()
  const told = lines.map((line) => JSON.parse(line)).filter(({ pool }) => pool !== undefined)
  assert.deepEqual(
    told.map(({ pool, msg }) => [pool, msg]),
    [['idle', 'no route and no fallback leads to this pool']]
  )
  const quiet: string[] = []
  const hooks = { onRequest: async () => {} }
  const choosing = appWith(t, { pools, hooks, routes: [{ path: '/*', pool: 'a' }] }, quiet)
  choosing.register(proxy).register(routing)
  await choosing.ready()
  assert.deepEqual(
    quiet.filter((line) => line.includes('leads to')),
    []
  )
})
