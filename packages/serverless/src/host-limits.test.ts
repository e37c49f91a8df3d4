import assert from 'node:assert/strict'
import test from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type Host, hostOf } from './host.js'
import { limitsOn } from './host-limits.js'

const paths = (host: Host, config: GatewayServerConfig): string[] =>
  [...limitsOn(host, config)].map(({ path }) => path)

const pools = { app: { endpoints: ['http://localhost:3000'] } }
const limit = { requestsPerSecond: 10 }

test('hosts are known by their variables', () => {
  assert.equal(hostOf({ AWS_LAMBDA_FUNCTION_NAME: 'gateway' }), 'aws-lambda')
  assert.equal(hostOf({ K_SERVICE: 'gateway' }), 'cloud-run')
  assert.equal(hostOf({ K_SERVICE: '' }), null)
})

test('what is not configured is not told', () => {
  assert.deepEqual(paths('aws-lambda', { pools, routes: [{ path: '/*', pool: 'app' }] }), [])
  assert.deepEqual(paths('cloud-run', { pools, shutdown: { drain: '9s' } }), [])
})

test('what is switched off is not told', () => {
  const off = {
    pools,
    metrics: { enabled: false },
    probes: false,
    rateLimit: false as const,
    shutdown: { drain: '5s' }
  }
  assert.deepEqual(paths('cloud-run', off as GatewayServerConfig), [])
})

const EVERYWHERE: readonly [GatewayServerConfig, string][] = [
  [{ pools: { app: { ...pools.app, health: { path: '/up' } } } }, 'pools.app.health'],
  [{ pools: { app: { discovery: { dns: 'app.internal', port: 80 } } } }, 'pools.app.discovery'],
  [{ rateLimit: limit }, 'rateLimit'],
  [{ policies: { public: { rateLimit: limit } } }, 'policies.public.rateLimit'],
  [{ pools, routes: [{ path: '/*', pool: 'app', rateLimit: limit }] }, 'routes[0].rateLimit'],
  [{ probes: true }, 'probes'],
  [{ metrics: true }, 'metrics'],
  [{ accessLog: { destination: '/var/log/access.log' } }, 'accessLog.destination']
]
for (const host of ['aws-lambda', 'cloud-run'] as const)
  for (const [config, path] of EVERYWHERE)
    test(`${host}: ${path} is told, with what happens`, () => {
      const found = [
        ...limitsOn(host, {
          ...config,
          ...(host === 'cloud-run' ? { shutdown: { wait: '0ms', drain: '9s' } } : {})
        })
      ]
      assert.deepEqual(
        found.map((one) => one.path),
        [path]
      )
      assert.ok(found[0]?.effect)
    })

test('a limit that a store counts for all instances is not told', () => {
  const store = { rateLimit: limit, rateLimitStore: { url: 'redis://localhost' } } as GatewayServerConfig
  assert.deepEqual(paths('aws-lambda', store), [])
})

test('aws-lambda: limits that one request at a time never reaches, and keys of a server, are told', () => {
  const config: GatewayServerConfig = {
    pools: { app: { ...pools.app, concurrency: { max: 10 } } },
    routes: [{ path: '/*', pool: 'app', concurrency: { max: 1 } }],
    overload: { memory: 1 } as never,
    listen: { port: 1 },
    shutdown: { drain: '1s' }
  }
  assert.deepEqual(paths('aws-lambda', config), [
    'pools.app.concurrency',
    'overload',
    'routes[0].concurrency',
    'listen',
    'shutdown'
  ])
  assert.deepEqual(paths('cloud-run', config), [])
})

test('cloud-run: stopping that takes longer than it allows is told, by default too', () => {
  assert.deepEqual(paths('cloud-run', { pools }), ['shutdown'])
  assert.deepEqual(paths('cloud-run', { shutdown: { wait: '1s', drain: '9s' } }), ['shutdown'])
  assert.deepEqual(paths('cloud-run', { shutdown: { wait: '1s', drain: '8s' } }), [])
})

test('cloud-run: metrics on the app’s own port are not told', () => {
  assert.deepEqual(
    paths('cloud-run', { metrics: { listener: 'app' }, shutdown: { wait: '0ms', drain: '5s' } }),
    []
  )
})
