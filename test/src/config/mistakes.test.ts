import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import { configProblems } from '../support/config-problems.js'

const pools = { a: { endpoints: ['http://a.test'] }, b: { endpoints: ['http://b.test'] } }
const whole = (more: object): object => ({ pools, routes: [{ path: '/*', pool: 'a' }], ...more })
const pool = (more: object): object => whole({ pools: { ...pools, a: { ...pools.a, ...more } } })
const route = (more: object): object => whole({ routes: [{ path: '/x/*', pool: 'a', ...more }] })
const answer = (more: object): object => whole({ routes: [{ path: '/x', ...more }] })

/** What cannot work or is dangerous, and what is said of it. */
const MISTAKES: readonly [config: unknown, problem: string][] = [
  [[], 'the configuration: [] must be an object'],
  [5, 'the configuration: 5 must be an object'],
  [null, 'the configuration: null must be an object'],
  ['pools', "the configuration: 'pools' must be an object"],
  // pools
  [whole({ pools: { ...pools, '': pools.a } }), "pools: '' cannot be an id; choose another one"],
  [
    whole({
      pools: JSON.parse('{"a":{"endpoints":["http://a.test"]},"__proto__":{"endpoints":["http://b"]}}')
    }),
    "pools: '__proto__' cannot be an id; choose another one"
  ],
  [whole({ policies: { '': { timeout: '1s' } } }), "policies: '' cannot be an id; choose another one"],
  [
    pool({ endpoints: ['http://a:0'] }),
    "pools.a.endpoints[0]: 'http://a:0' must have a port from 1 to 65535"
  ],
  [
    pool({
      endpoints: [
        { url: 'http://a', weight: 0 },
        { url: 'http://b', weight: 0 }
      ]
    }),
    'pools.a.endpoints: all weights are 0, so that no endpoint gets a request; give one of them more'
  ],
  [
    pool({ endpoints: [new URL('http://a')] }),
    "pools.a.endpoints[0]: a URL object must be given as its text: 'http://a/'"
  ],
  [
    pool({ tls: { minVersion: 'TLSv1.3' } }),
    'pools.a.tls: no endpoint is reached by https; begin its URL with https://'
  ],
  [
    pool({ connections: { max: Number.NaN } }),
    'pools.a.connections.max: NaN must be a whole number from 1 to 2147483647'
  ],
  [pool({ retry: { attempts: 1e6 } }), 'pools.a.retry.attempts: 1000000 must be a whole number from 1 to 20'],
  [
    pool({ retry: { methods: ['GET', 'PSOT'] } }),
    "pools.a.retry.methods: there is no method 'PSOT'; did you mean 'POST'?"
  ],
  [
    pool({ retry: 'sfe' }),
    "pools.a.retry: 'sfe' must be false, 'safe', 'idempotent' or an object; did you mean 'safe'?"
  ],
  // health
  [
    pool({ health: { expectedStatus: '399-200' } }),
    "pools.a.health.expectedStatus: '399-200' is not a range; did you mean '200-399'?"
  ],
  [
    pool({ health: { degradedStatus: '100-199' } }),
    "pools.a.health.degradedStatus: '100-199' must be statuses from 200 to 599 and ranges of them, such as '200-299,304'"
  ],
  [
    pool({ health: { protocol: 'tcp', path: '/live' } }),
    "pools.a.health.path: does nothing with protocol 'tcp'"
  ],
  [pool({ health: { service: 'users' } }), "pools.a.health.service: does nothing with protocol 'http'"],
  [
    pool({ health: { protocol: 'grpc', service: 'x'.repeat(128) } }),
    'pools.a.health.service: must be at most 127 bytes'
  ],
  [pool({ health: { check: 5 } }), 'pools.a.health.check: must be a function'],
  [
    pool({ health: { check: async () => 'healthy', method: 'HEAD' } }),
    "pools.a.health.method: does nothing: 'check' takes the place of the probe"
  ],
  [
    pool({ health: { method: 'GTE' } }),
    "pools.a.health.method: there is no method 'GTE'; did you mean 'GET'?"
  ],
  [pool({ health: { expectedBody: 5 } }), 'pools.a.health.expectedBody: must be a string or a function'],
  [
    pool({ health: { headers: { 'x-a': 'b\r\nc: d' } } }),
    "pools.a.health.headers: 'x-a: b\ufffd\ufffdc: d' is no header field"
  ],
  [
    pool({ outlierDetection: { ejection: '10m' } }),
    'pools.a.outlierDetection.ejection: must not be longer than maxEjection (300s)'
  ],
  [
    pool({ unhealthy: { panicThresholdPercent: 50 } }),
    "pools.a.unhealthy.panicThresholdPercent: does nothing with policy 'trickle'; give policy 'all'"
  ],
  // discovery
  [whole({ pools: { a: { discovery: {} } } }), "pools.a.discovery: give one of 'dns', 'file', 'source'"],
  [
    whole({ pools: { a: { discovery: { dns: 'a.test', port: 80, potr: 1 } } } }),
    "pools.a.discovery: unknown key 'potr'; did you mean 'port'?"
  ],
  [
    whole({ pools: { a: { discovery: { dns: 'a.test', port: 80, minRefresh: '10m' } } } }),
    "pools.a.discovery.minRefresh: '10m' must not be longer than maxRefresh (5m)"
  ],
  [
    whole({ pools: { a: { discovery: { dns: 'a.test', port: 80, server: '10.0.0.1:99999' } } } }),
    "pools.a.discovery.server: '10.0.0.1:99999' must be an address such as '10.0.0.2:53'"
  ],
  // overload
  [
    whole({ overload: { maxHeapPercent: 0 } }),
    'overload.maxHeapPercent: 0 must be a number above 0 of at most 100'
  ],
  [
    whole({ overload: {} }),
    'overload: limits nothing; give maxEventLoopDelay, maxEventLoopUtilization or maxHeapPercent'
  ],
  [
    route({ concurrency: { maxQueue: 5 } }),
    "routes[0].concurrency: limits nothing; give 'max' or 'adaptive'"
  ],
  [
    route({ concurrency: { max: 5, adaptive: { min: 10 } } }),
    'routes[0].concurrency.adaptive.min: 10 must not be above max (5)'
  ],
  [
    route({ concurrency: { adaptive: { min: 10, initial: 5 } } }),
    'routes[0].concurrency.adaptive.initial: 5 must be from min (10) to max (1000)'
  ],
  // routes
  [
    route({ path: '/users/{id}' }),
    "routes[0].path: '/users/{id}' has a parameter that is written another way here: '/users/:id'"
  ],
  [
    route({ path: '/<org>/[...repo]/x' }),
    "routes[0].path: '/<org>/[...repo]/x' has a parameter that is written another way here: '/:org/:repo/x'"
  ],
  [route({ methods: ['GTE'] }), "routes[0].methods: there is no method 'GTE'; did you mean 'GET'?"],
  [route({ methods: ['get'] }), "routes[0].methods: 'get' must be a method in upper case"],
  [
    route({ methods: 'GET' }),
    "routes[0].methods: 'GET' must be a list that is not empty; did you mean ['GET']?"
  ],
  [route({ headers: { 'x y': '1' } }), "routes[0].headers: 'x y' is no header name"],
  [
    route({ fallback: { pool: 'a' } }),
    "routes[0].fallback.pool: 'a' is the pool that the route forwards to; give another one"
  ],
  [
    whole({ policies: { p: { fallback: { pool: 'a' } } }, routes: [{ path: '/*', use: ['p'], pool: 'a' }] }),
    "routes[0].fallback.pool: 'a' is the pool that the route forwards to; give another one"
  ],
  [
    route({ fallback: { respond: { headers: { 'x-a': 'b\nc' } } } }),
    "routes[0].fallback.respond.headers: 'x-a: b\ufffdc' is no header field"
  ],
  [
    route({ path: '/x/:id', rewrite: { set: '/y/:user' } }),
    "routes[0].rewrite.set: ':user' is no parameter of '/x/:id', which has :id"
  ],
  [
    route({ path: '~^/v[0-9]+/', rewrite: { set: '/y/:id' } }),
    "routes[0].rewrite.set: ':id' is no parameter of '~^/v[0-9]+/'"
  ],
  [route({ path: '/x', rewrite: { set: '/y/*' } }), "routes[0].rewrite.set: '*' is no parameter of '/x'"],
  [
    whole({
      policies: { p: { rewrite: { set: '/:org' } } },
      routes: [{ path: '/x', use: ['p'], pool: 'a' }]
    }),
    "routes[0].rewrite.set: ':org' is no parameter of '/x'"
  ],
  [
    route({ rewrite: { stripPrefix: '/v1' } }),
    "routes[0].rewrite.stripPrefix: no path of '/x/*' begins with '/v1'"
  ],
  [
    route({ path: '/x', rewrite: { stripPrefix: '/x/y' } }),
    "routes[0].rewrite.stripPrefix: no path of '/x' begins with '/x/y'"
  ],
  [
    whole({ policies: { p: {} }, routes: [{ path: '/*', pool: 'a', use: ['p', 'p'] }] }),
    "routes[0].use: 'p' is there twice"
  ],
  [
    answer({ redirect: { status: 301 } }),
    'routes[0].redirect: leads back to where the request came from; give another scheme, host, port or path'
  ],
  [
    answer({ redirect: { path: '/x' } }),
    'routes[0].redirect: leads back to where the request came from; give another scheme, host, port or path'
  ],
  [
    answer({ respond: {}, retry: 'safe' }),
    "routes[0].retry: does nothing: the route answers with 'respond' and forwards nothing"
  ],
  [
    answer({ respond: { status: 204, body: 'x' } }),
    'routes[0].respond.body: an answer with status 204 has no body'
  ],
  // headers
  [
    whole({ reservedHeaders: ['host'] }),
    "reservedHeaders[0]: 'host' is the gateway's own business; leave it out"
  ],
  [whole({ reservedHeaders: 'x-user' }), "reservedHeaders: 'x-user' must be a list"],
  [
    whole({ requestIdHeader: 'host' }),
    "requestIdHeader: 'host' has a meaning of its own; choose a name such as 'x-request-id'"
  ],
  [
    whole({ deadlineHeader: 'content-length' }),
    "deadlineHeader: 'content-length' has a meaning of its own; choose a name such as 'x-deadline-ms'"
  ],
  [
    whole({ deadlineHeader: 'x-request-id' }),
    "deadlineHeader: 'x-request-id' carries the request id already; choose another name"
  ],
  [
    whole({ logger: null }),
    "logger: null must be true, false, or an object of pino's options or with its methods"
  ],
  [
    whole({ logger: 'info' }),
    "logger: 'info' must be true, false, or an object of pino's options or with its methods"
  ],
  [
    whole({ metrics: { requireToken: true, tokenEnv: 'constructor' } }),
    'metrics.requireToken: the environment variable constructor (metrics.tokenEnv) is not set'
  ],
  [
    whole({ trustedProxies: '10.0.0.0/8' }),
    "trustedProxies: '10.0.0.0/8' must be a list; did you mean ['10.0.0.0/8']?"
  ]
]

for (const [config, problem] of MISTAKES)
  test(`a configuration that cannot work is refused: ${problem}`, async () => {
    assert.deepEqual(await configProblems(config), [problem])
  })

test('a pool that is called __proto__ in a literal is refused, though it is no key there', async () => {
  const problems = await configProblems(whole({ pools: { ...pools, __proto__: pools.a } }))
  assert.ok(problems.includes("pools: '__proto__' cannot be an id; choose another one"), problems.join('\n'))
})

const TAKEN: readonly [what: string, config: object][] = [
  [
    'a pool that falls back to another, and that one to it',
    whole({
      routes: [
        { path: '/a', pool: 'a', fallback: { pool: 'b' } },
        { path: '/b', pool: 'b', fallback: { pool: 'a' } }
      ]
    })
  ],
  [
    'a prefix below a wildcard or in another case',
    route({ path: '/x/:id/*', rewrite: { stripPrefix: '/X/1/v2' } })
  ],
  ['every parameter of the path', route({ path: '/x/:id/*', rewrite: { set: '/y/:id/*' } })],
  [
    'an expression, whose paths nobody knows',
    route({ path: '~^/v[0-9]+/', rewrite: { stripPrefix: '/v1' } })
  ],
  [
    'every method that Node knows',
    route({ methods: METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE') })
  ],
  ['a redirect that the rewrite leads elsewhere', answer({ redirect: {}, rewrite: { set: '/y' } })],
  [
    'an endpoint that waits for its weight beside one that has some',
    pool({ endpoints: ['http://a', { url: 'http://b', weight: 0 }] })
  ],
  ['braces that are no parameter', route({ path: '/x{1}y/{a}b' })]
]

for (const [what, config] of TAKEN)
  test(`taken: ${what}`, async () => {
    assert.deepEqual(await configProblems(config), [])
  })

test('thousands of problems are told in less than 64 KiB, and how many there are', async () => {
  const routes = Array.from({ length: 2_000 }, (_, n) => ({ path: 5, methods: 'GET', pol: n }))
  const problems = await configProblems({ pools, routes })
  assert.equal(problems.length, 101)
  assert.equal(problems[100], 'and 5900 more')
  assert.ok(problems.join('\n').length < 65_536)
})
