import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import { Keys } from '../config/key-registry.js'
import { defineKey } from '../config/keys.js'
import { REASONS } from '../config/reason.js'
import type { BalancingPolicyType } from '../model/balancing.js'
import { createStages } from '../model/stages.js'
import { compile } from './compile.js'
import type { CompileContext } from './compile-context.js'
import { checkUrl } from './pool-checks.js'

const pick: BalancingPolicyType['create'] = () => ({ pick: ([first]) => first })
const types: ReadonlyMap<string, BalancingPolicyType> = new Map([
  ['first', { name: 'first', create: pick }],
  [
    'hash',
    {
      name: 'hash',
      schema: {
        type: 'object',
        additionalProperties: false,
        required: ['on'],
        properties: { on: { type: 'string' } }
      },
      create: pick
    }
  ]
])

/** A feature's key, which brings endpoints. */
const KEYS = new Keys()
KEYS.add(
  defineKey({
    name: 'discovery',
    on: ['pool'],
    plugin: 'discovery',
    reload: 'live',
    schema: { type: 'object' },
    suppliesEndpoints: true
  })
)

const CONTEXT: CompileContext = {
  previous: null,
  stages: createStages(),
  native: [],
  types,
  router: null,
  keys: KEYS,
  reasons: REASONS,
  checks: [],
  balancing: { clock: () => 0, chance: () => 0 }
}

function problemsOf(config: unknown, context: Partial<CompileContext> = {}): string[] {
  try {
    compile(config as GatewayConfig, { ...CONTEXT, ...context })
    return []
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'GW_CONFIG_INVALID', String(error))
    const [title, ...bullets] = (error as Error).message.split('\n')
    assert.equal(title, 'The gateway configuration is not valid:')
    return bullets.map((bullet) => bullet.replace('  - ', ''))
  }
}

const pool = (more: object): object => ({ pools: { a: { endpoints: ['http://h'], ...more } } })
const endpoints = (...list: unknown[]): object => ({ pools: { a: { endpoints: list } } })
const route = (more: object): object => ({
  pools: { a: { endpoints: ['http://h'] } },
  policies: { strict: { timeout: '1s' } },
  routes: [{ path: '/a', pool: 'a', ...more }]
})
const action = (more: object): object => ({ routes: [{ path: '/a', ...more }] })

// Each problem's sentence, or how it begins.
const MISTAKES: readonly [config: unknown, ...sentences: string[]][] = [
  // the whole
  [undefined, 'the configuration: undefined must be an object'],
  [[], 'the configuration: [] must be an object'],
  [{ pols: {} }, "the configuration: unknown key 'pols'; did you mean 'pools'?"],
  // pools
  [{ pools: [] }, 'pools: [] must be an object'],
  [{ pools: { a: null } }, 'pools.a: null must be an object'],
  [{ pools: { a: {} } }, "pools.a: give 'endpoints', 'discovery' or both"],
  [endpoints(), 'pools.a.endpoints: [] must be a list that is not empty'],
  [
    { pools: { a: { endpoints: 'http://h' } } },
    "pools.a.endpoints: 'http://h' must be a list that is not empty"
  ],
  [endpoints(5), 'pools.a.endpoints[0]: 5 must be a string or an object'],
  [endpoints({}), "pools.a.endpoints[0]: 'url' is missing"],
  [
    endpoints({ url: 'http://h', wieght: 2 }),
    "pools.a.endpoints[0]: unknown key 'wieght'; did you mean 'weight'?"
  ],
  [
    endpoints({ url: 'http://h', weight: -1 }),
    'pools.a.endpoints[0].weight: -1 must be a whole number from 0 to 65535'
  ],
  [
    endpoints({ url: 'http://h', weight: 65536 }),
    'pools.a.endpoints[0].weight: 65536 must be a whole number from 0 to 65535'
  ],
  [
    endpoints({ url: 'http://h', weight: 1.5 }),
    'pools.a.endpoints[0].weight: 1.5 must be a whole number from 0 to 65535'
  ],
  [endpoints('h:80'), "pools.a.endpoints[0]: 'h:80' must begin with http:// or https://"],
  [endpoints('h'), "pools.a.endpoints[0]: 'h' must be a URL such as 'http://10.0.0.1:8080'"],
  [endpoints('ftp://h'), "pools.a.endpoints[0]: 'ftp://h' must begin with http:// or https://"],
  [endpoints('http://u:secret@h'), "pools.a.endpoints[0]: 'http://***@h' must not have a user or password"],
  [endpoints('http://h#f'), "pools.a.endpoints[0]: 'http://h#…' must not have a fragment"],
  [
    endpoints({ url: 'http://10.0.0.1', authority: 'http://api.test' }),
    "pools.a.endpoints[0].authority: 'http://api.test' must be a host with an optional port, such as 'api.example.com:8443'"
  ],
  [endpoints({ url: 'http://h', authority: 'a b' }), "pools.a.endpoints[0].authority: 'a b' must be a host"],
  [
    endpoints('http://h/?k=secret', 'http://h?k=secret'),
    "pools.a.endpoints[1]: 'http://h?k=***' is listed twice"
  ],
  [endpoints('http://h/a', 'http://H:80/a/'), "pools.a.endpoints[1]: 'http://H:80/a/' is listed twice"],
  [
    pool({ timeouts: { conect: '1s', idle: '5', total: 5 } }),
    "pools.a.timeouts: unknown key 'conect'; did you mean 'connect'?",
    "pools.a.timeouts.idle: '5' must be a duration such as '250ms', '3s' or '5m'",
    "pools.a.timeouts.total: 5 must be a duration such as '250ms', '3s' or '5m'"
  ],
  [
    pool({ connections: { max: 0, keepAlive: '-1s' } }),
    'pools.a.connections.max: 0 must be a whole number from 1 to 2147483647',
    "pools.a.connections.keepAlive: '-1s' must be a duration such as '250ms', '3s' or '5m'"
  ],
  [
    pool({ connections: { max: 8, perClient: 8 } }),
    "pools.a.connections.perClient: 8 is not less than 'max' (8), so one client could have all; lower it"
  ],
  [
    pool({ connections: { perClient: 1_024 } }),
    "pools.a.connections.perClient: 1024 is not less than 'max' (1024), so one client could have all; lower it"
  ],
  [
    pool({ connections: { perClient: '10%' } }),
    "pools.a.connections.perClient: '10%' must be a whole number from 0 to 2147483647"
  ],
  [
    pool({ tls: { minVersion: 'TLSv1.1', insecureBecause: 'lazy', rejectUnauthorized: false } }),
    "pools.a.tls: unknown key 'rejectUnauthorized'; valid: 'ca', ",
    "pools.a.tls.minVersion: 'TLSv1.1' must be one of 'TLSv1.2', 'TLSv1.3'; did you mean 'TLSv1.2'?",
    "pools.a.tls.insecureBecause: 'lazy' must be a string of at least 8 characters"
  ],
  // balancing
  [
    pool({ balancing: 'frist' }),
    "pools.a.balancing: there is no balancing policy 'frist'; did you mean 'first'?"
  ],
  [
    pool({ balancing: { type: 'least-loaded' } }),
    "pools.a.balancing: there is no balancing policy 'least-loaded'; valid: 'first', 'hash'"
  ],
  ...[5, true, {}, { type: 5 }, []].map((balancing): [unknown, string] => [
    pool({ balancing }),
    "pools.a.balancing: must be a policy's name, an object with 'type', or an object with 'pick'"
  ]),
  [
    pool({ balancing: { type: 'first', on: 'ip' } }),
    "pools.a.balancing: unknown key 'on'; 'first' has no options"
  ],
  [pool({ balancing: 'hash' }), "pools.a.balancing: 'on' is missing"],
  [pool({ balancing: { type: 'hash', on: 5 } }), 'pools.a.balancing.on: 5 must be a string'],
  // routes: conditions
  [{ routes: {} }, 'routes: {} must be a list'],
  [{ routes: [{}] }, "routes[0]: 'path' is missing"],
  [route({ path: 'a' }), "routes[0].path: 'a' must begin with '/', or with '~' for a regular expression"],
  [route({ path: '*' }), "routes[0].path: '*' must begin with '/', or with '~' for a regular expression"],
  [route({ path: '/a*' }), "routes[0].path: '/a*' may have '*' only as its last segment"],
  [route({ path: '/*/a' }), "routes[0].path: '/*/a' may have '*' only as its last segment"],
  [route({ path: '~(' }), "routes[0].path: '~(' is not a regular expression"],
  ...['/a//b', '/a/./b', '/a/..', '/a?b', '/a#b', '/a\\b', '/a b'].map((path): [unknown, string] => [
    route({ path }),
    `routes[0].path: '${path}' must be a canonical path`
  ]),
  ...['/a%2Fb', '/a%2fb/*', '/:id/a%5cb', '/a%252Fb'].map((path): [unknown, string] => [
    route({ path, pool: 'a' }),
    `routes[0].path: '${path}' can never match, as an encoded slash is refused; paths: { encodedSlashes: 'keep' } lets it in`
  ]),
  ...['a:80', 'http://a', 'a b', '*.', '*a.b', 'a.*', '-a', 'a/b'].map((host): [unknown, string] => [
    route({ host }),
    `routes[0].host: '${host}' must be a host name without port, or '*.' and a domain`
  ]),
  [route({ host: [] }), 'routes[0].host: [] must be a list that is not empty'],
  [
    route({ methods: ['get', 'TRACE', 'CONNECT'] }),
    "routes[0].methods: 'get' must be a method in upper case",
    'routes[0].methods: TRACE is never forwarded',
    'routes[0].methods: CONNECT is never forwarded'
  ],
  [
    route({ headers: { x: { exat: '1' } } }),
    "routes[0].headers.x: unknown key 'exat'; did you mean 'exact'?"
  ],
  [route({ headers: { x: {} } }), 'routes[0].headers.x: give exactly one of exact, prefix, regex and exists'],
  [
    route({ query: { x: { exact: '1', prefix: '2' } } }),
    'routes[0].query.x: give exactly one of exact, prefix, regex and exists'
  ],
  [route({ query: { x: { regex: '(' } } }), "routes[0].query.x.regex: '(' is not a regular expression"],
  [
    route({ trailingSlash: 'ignor' }),
    "routes[0].trailingSlash: 'ignor' must be one of 'strict', 'ignore'; did you mean 'ignore'?"
  ],
  // routes: what to do
  [action({}), 'routes[0]: give one of pool, redirect, respond and handler'],
  [
    action({ redirect: {}, respond: {} }),
    'routes[0]: give exactly one of pool, redirect, respond and handler'
  ],
  [route({ redirect: {} }), 'routes[0]: give exactly one of pool, redirect, respond and handler'],
  [action({ handler: 5 }), 'routes[0].handler: must be a function'],
  [
    action({ redirect: { status: 200 } }),
    'routes[0].redirect.status: 200 must be one of 301, 302, 303, 307, 308'
  ],
  [action({ redirect: { port: 0 } }), 'routes[0].redirect.port: 0 must be a whole number from 1 to 65535'],
  [
    action({ respond: { status: 600 } }),
    'routes[0].respond.status: 600 must be a whole number from 200 to 599'
  ],
  // routes: options
  [route({ pool: 'b' }), "routes[0].pool: there is no pool 'b'; did you mean 'a'?"],
  [route({ pool: '__proto__' }), "routes[0].pool: there is no pool '__proto__'; valid: 'a'"],
  [route({ use: ['strct'] }), "routes[0].use: there is no policy 'strct'; did you mean 'strict'?"],
  [route({ use: ['constructor'] }), "routes[0].use: there is no policy 'constructor'; valid: 'strict'"],
  [route({ use: 'strict' }), "routes[0].use: 'strict' must be a list"],
  [route({ timeout: '1 s' }), "routes[0].timeout: '1 s' must be a duration such as '250ms', '3s' or '5m'"],
  [
    route({ timeout: '1s', timeouts: { total: '2s' } }),
    "routes[0]: 'timeout' is short for 'timeouts.total'; give one of them"
  ],
  [route({ bodyLimit: '10' }), "routes[0].bodyLimit: '10' must be false or a size such as '64KiB' or '1MiB'"],
  [route({ bodyLimit: true }), "routes[0].bodyLimit: true must be false or a size such as '64KiB' or '1MiB'"],
  [
    route({ rewrite: { stripPrefx: true } }),
    "routes[0].rewrite: unknown key 'stripPrefx'; did you mean 'stripPrefix'?"
  ],
  [
    route({ hooks: { onRequst: () => {} } }),
    "routes[0].hooks: unknown phase 'onRequst'; did you mean 'onRequest'?"
  ],
  [route({ hooks: { onSend: ['x'] } }), 'routes[0].hooks.onSend: must be a function or a list of functions'],
  // policies and the rest
  [{ policies: { p: { pool: 'a' } } }, "policies.p.pool: there is no pool 'a'"],
  [
    { policies: { p: { timeout: '1s', timeouts: { total: '1s' } } } },
    "policies.p: 'timeout' is short for 'timeouts.total'; give one of them"
  ],
  [{ policies: { p: { hooks: { onX: [] } } } }, "policies.p.hooks: unknown phase 'onX'; valid: 'onRequest'"],
  [{ hooks: { onSend: 5 } }, 'hooks.onSend: must be a function or a list of functions'],
  [
    { paths: { policy: 'rejct' } },
    "paths.policy: 'rejct' must be one of 'reject', 'redirect', 'normalize'; did you mean 'reject'?"
  ],
  [
    { trustedProxies: ['10.0.0.0/33', 'lb.internal'] },
    "trustedProxies[0]: '10.0.0.0/33' must have a prefix length from 0 to 32",
    "trustedProxies[1]: 'lb.internal' is not an IP address or CIDR range"
  ],
  [
    { requestIdHeader: 'X-Id' },
    "requestIdHeader: 'X-Id' must be a header name in lower case, such as 'x-user'"
  ],
  [
    { reservedHeaders: ['x_user'] },
    "reservedHeaders[0]: 'x_user' must be a header name in lower case, such as 'x-user'"
  ],
  [{ reasonHeader: 'yes' }, "reasonHeader: 'yes' must be true or false"]
]

for (const [config, ...sentences] of MISTAKES)
  test(`a configuration is refused: ${sentences.join(' | ')}`, () => {
    const told = problemsOf(config)
    assert.equal(told.length, sentences.length, told.join('\n'))
    for (const sentence of sentences)
      assert.ok(
        told.some((problem) => problem.startsWith(sentence)),
        told.join('\n')
      )
  })

test('a configuration that says nothing is right', () => {
  assert.deepEqual(problemsOf({}), [])
})

test('problems in different places are all told at once', () => {
  const config = {
    pools: { a: { endpoints: ['ftp://h'], balancing: 'hsah' } },
    policies: { p: { pool: 'x' } },
    routes: [
      { path: 'a', pool: 'b', host: 'a:1', methods: ['get'], use: ['q'] },
      { path: '/b', redirect: {}, respond: {} }
    ],
    trustedProxies: ['x']
  }
  assert.deepEqual(
    problemsOf(config).map((problem) => problem.slice(0, problem.indexOf(': '))),
    [
      'pools.a.endpoints[0]',
      'pools.a.balancing',
      'policies.p.pool',
      'routes[0].path',
      'routes[0].host',
      'routes[0].methods',
      'routes[0].pool',
      'routes[0].use',
      'routes[1]',
      'trustedProxies[0]'
    ]
  )
})

const native = (config: unknown): Partial<CompileContext> => ({
  native: [{ name: 'GET /n', config: config as NativeRouteConfig }]
})

const NATIVE: readonly [config: unknown, sentence: string][] = [
  [5, 'GET /n: 5 must be an object'],
  [{}, "GET /n: 'pool' is missing"],
  [{ pol: 'a' }, "GET /n: unknown key 'pol'; did you mean 'pool'?"],
  [{ pool: 'b' }, "GET /n.pool: there is no pool 'b'; did you mean 'a'?"],
  [{ pool: 'a', use: ['q'] }, "GET /n.use: there is no policy 'q'; did you mean 'p'?"],
  [{ pool: 'a', timeout: 5 }, "GET /n.timeout: 5 must be a duration such as '250ms', '3s' or '5m'"],
  [{ pool: 'a', path: '/x' }, "GET /n: unknown key 'path'"],
  [{ pool: 'a', hooks: {} }, "GET /n: unknown key 'hooks'"]
]

for (const [config, sentence] of NATIVE)
  test(`a native route is refused by its name: ${sentence}`, () => {
    const whole = { ...pool({}), policies: { p: {} } }
    const [problem = '', ...more] = problemsOf(whole, native(config))
    assert.ok(problem.startsWith(sentence), problem)
    assert.deepEqual(more, [])
  })

test('a native route may get its pool from a policy', () => {
  assert.deepEqual(problemsOf({ ...pool({}), policies: { p: { pool: 'a' } } }, native({ use: ['p'] })), [])
})

test('a URL of an endpoint may have a path and a query', () => {
  assert.equal(checkUrl('https://h:8443/base?key=1'), undefined)
  assert.equal(checkUrl('http://[::1]:80'), undefined)
})
