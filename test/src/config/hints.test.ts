import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateway } from '@gatewright/gateway'
import Fastify from 'fastify'
import { configProblems } from '../support/config-problems.js'

const endpoints = ['http://a']
const pool = (more: object): object => ({ pools: { a: { endpoints, ...more } } })
const route = (more: object): object => ({ routes: [{ path: '/x', pool: 'a', ...more }] })

/** What somebody writes who comes from elsewhere, and what is said to be meant. */
const MEANT: readonly (readonly [config: object, at: string, key: string, meant: string])[] = [
  [route({ policy: 'p' }), 'routes[0]', 'policy', 'use'],
  [route({ policies: ['p'] }), 'routes[0]', 'policies', 'use'],
  [route({ url: '/x' }), 'routes[0]', 'url', 'path'],
  [route({ prefix: '/x' }), 'routes[0]', 'prefix', 'path'],
  [route({ upstream: 'http://a' }), 'routes[0]', 'upstream', 'pool'],
  [route({ method: 'GET' }), 'routes[0]', 'method', 'methods'],
  [route({ hostname: 'a.example' }), 'routes[0]', 'hostname', 'host'],
  [route({ retries: 3 }), 'routes[0]', 'retries', 'retry'],
  [route({ onRequest: [] }), 'routes[0]', 'onRequest', 'hooks.onRequest'],
  [route({ preHandler: [] }), 'routes[0]', 'preHandler', 'hooks.preHandler'],
  [route({ stripPrefix: '/x' }), 'routes[0]', 'stripPrefix', 'rewrite.stripPrefix'],
  [route({ perTry: '1s' }), 'routes[0]', 'perTry', 'timeouts.perTry'],
  [route({ retry: { maxRetries: 3 } }), 'routes[0].retry', 'maxRetries', 'attempts'],
  [pool({ servers: [] }), 'pools.a', 'servers', 'endpoints'],
  [pool({ timeout: '1s' }), 'pools.a', 'timeout', 'timeouts'],
  [pool({ healthCheck: {} }), 'pools.a', 'healthCheck', 'health'],
  [pool({ breaker: true }), 'pools.a', 'breaker', 'circuitBreaker'],
  [pool({ maxConnections: 5 }), 'pools.a', 'maxConnections', 'connections.max'],
  [pool({ concurrency: { queue: 5 } }), 'pools.a.concurrency', 'queue', 'maxQueue'],
  [{ upstreams: {} }, 'the configuration', 'upstreams', 'pools'],
  [{ trustProxy: true }, 'the configuration', 'trustProxy', 'trustedProxies']
]

for (const [config, at, key, meant] of MEANT)
  test(`'${key}' in ${at} is told to be '${meant}'`, async () => {
    assert.deepEqual(await configProblems(config), [`${at}: unknown key '${key}'; did you mean '${meant}'?`])
  })

test('a port among the keys of a gateway is told to belong to listen()', async () => {
  assert.deepEqual(await configProblems({ port: 8080 }), [
    "the configuration: unknown key 'port'; give it to `listen({ port, host })`"
  ])
})

test('a key of createGateway in the options of the plugin is told to be one', async () => {
  const app = Fastify()
  app.register(gateway, { probes: true } as object)
  await assert.rejects(async () => app.ready(), {
    message:
      "The gateway configuration is not valid:\n  - the configuration: unknown key 'probes'; only createGateway() has it"
  })
})

test('where nothing is near, all keys are told', async () => {
  const [problem = ''] = await configProblems(route({ websocket: true }))
  for (const key of ['id', 'use', 'bodyLimit', 'retry', 'hooks'])
    assert.ok(problem.includes(`'${key}'`), problem)
})

test('a value in place of an object is answered with the keys of the object, a boolean too', async () => {
  for (const value of [true, '30s'])
    assert.match(
      (await configProblems(pool({ slowStart: value }))).join(),
      /^pools\.a\.slowStart: .+ must be an object; its keys: 'window', /
    )
})

test('a list that is one of several things is told, and a number that was given as text', async () => {
  assert.deepEqual(await configProblems(route({ retry: { methods: 'GET' } })), [
    "routes[0].retry.methods: 'GET' must be 'safe', 'idempotent' or a list that is not empty; did you mean ['GET']?"
  ])
  assert.deepEqual(await configProblems(route({ redirect: { status: '301' } })), [
    "routes[0].redirect.status: '301' must be one of 301, 302, 303, 307, 308; did you mean 301?"
  ])
})

test('of an object whose keys are right and a value is not, no other kinds are told', async () => {
  assert.deepEqual(await configProblems(pool({ discovery: { dns: 'a', port: '80' } })), [
    "pools.a.discovery.port: '80' must be a whole number from 1 to 65535"
  ])
  assert.deepEqual(await configProblems(pool({ discovery: { kubernetes: 'a' } })), [
    "pools.a.discovery: give one of 'dns', 'file', 'source'"
  ])
})

test('where several kinds of object would do, no keys are told', async () => {
  assert.deepEqual(await configProblems(pool({ discovery: 'a.internal' })), [
    "pools.a.discovery: 'a.internal' must be an object"
  ])
})

test('an expression that is an object is told to be given as text', async () => {
  assert.deepEqual(await configProblems(route({ path: /x/ })), [
    'routes[0].path: an instance of RegExp must be a string that is not empty; give the expression as text'
  ])
})

test('a key that every object inherits is as unknown as any other', async () => {
  for (const key of ['__proto__', 'constructor', 'toString']) {
    const [problem = ''] = await configProblems(JSON.parse(`{"${key}": {}}`))
    assert.doesNotMatch(problem, /only/, key)
  }
})
