import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AuthenticateFunction,
  type AuthorizeConfig,
  createGateway,
  type GatewayServerConfig,
  gateway
} from '@gatewright/gateway'
import { rawClient, rawRequest } from '@gatewright/testing'
import { fastify } from 'fastify'
import { guarded } from '../support/guarded.js'

/** Believes whoever says a name: for tests of what follows from that. */
const byName =
  (header: string): AuthenticateFunction =>
  ({ headers }) => {
    const name = headers[header] as string | undefined
    if (name === undefined) return null
    if (name === 'forged') return { invalid: 'it is forged' }
    if (name === 'lost') throw new Error('no line to the directory')
    return { subject: name, roles: [`${name}-role`], scopes: [`read:${name}`] }
  }

const scheme = (header: string) =>
  ({ type: 'custom', authenticate: byName(header), challenge: `By-${header}` }) as const

const TWO = { schemes: { a: scheme('x-a'), b: scheme('x-b') } }

test('who has no credential, or a wrong one, gets 401 with the challenge, and the upstream sees nothing', async (t) => {
  const { ask, upstream, lines } = await guarded(t, TWO, { auth: 'a' })
  for (const [headers, detail] of [
    [{}, 'no credentials'],
    [{ 'x-a': 'forged' }, 'it is forged']
  ] as const) {
    const { status, reason, challenge, body } = await ask('/', headers)
    assert.deepEqual([status, reason, challenge], [401, 'unauthenticated', 'By-x-a'])
    assert.doesNotMatch(body, /forged/)
    assert.equal(lines.at(-1)?.detail, detail)
  }
  assert.equal(upstream.requests.length, 0)
})

test('where it cannot be told who it is, the request gets 503, not 401', async (t) => {
  const { ask, lines } = await guarded(t, TWO, { auth: 'a' })
  const { status, reason, body } = await ask('/', { 'x-a': 'lost' })
  assert.deepEqual([status, reason], [503, 'auth_unavailable'])
  assert.doesNotMatch(body, /directory/)
  assert.match(String(lines[0]?.detail), /no line to the directory/)
})

test('any: the first scheme that identifies it; all: every one of them, and one of any within all', async (t) => {
  const cases: [NonNullable<GatewayServerConfig['auth']>, Record<string, string>, number, string?][] = [
    [{ any: ['a', 'b'] }, { 'x-b': 'bo' }, 200, 'b bo'],
    [{ any: ['a', 'b'] }, { 'x-a': 'al', 'x-b': 'bo' }, 200, 'a al'],
    [{ any: ['a', 'b'] }, { 'x-a': 'forged', 'x-b': 'bo' }, 200, 'b bo'],
    [{ any: ['a', 'b'] }, {}, 401],
    [{ any: ['a', 'b'] }, { 'x-a': 'lost' }, 503],
    [{ any: ['a', 'b'] }, { 'x-a': 'lost', 'x-b': 'bo' }, 200, 'b bo'],
    [{ all: ['a', 'b'] }, { 'x-a': 'al', 'x-b': 'bo' }, 200, 'a al'],
    [{ all: ['a', 'b'] }, { 'x-a': 'al' }, 401],
    [{ all: ['a', 'b'] }, { 'x-a': 'al', 'x-b': 'forged' }, 401],
    [{ any: ['a', { all: ['b', 'c'] }] }, { 'x-b': 'bo' }, 401],
    [{ any: ['a', { all: ['b', 'c'] }] }, { 'x-b': 'bo', 'x-c': 'cy' }, 200, 'b bo'],
    [{ all: ['a', { any: ['b', 'c'] }] }, { 'x-a': 'al', 'x-c': 'cy' }, 200, 'a al'],
    [{ any: ['a'], optional: true }, {}, 200, 'null'],
    [{ any: ['a'], optional: true }, { 'x-a': 'forged' }, 401],
    [false, {}, 200, 'null']
  ]
  for (const [auth, headers, expected, who] of cases) {
    const { ask, upstream } = await guarded(
      t,
      { schemes: { ...TWO.schemes, c: scheme('x-c') } },
      {
        auth,
        hooks: {
          onRequest: async ({ exchange }) => {
            const { scheme, subject } = exchange?.identity ?? {}
            exchange?.forwardHeader('x-who', scheme === undefined ? 'null' : `${scheme} ${subject}`)
          }
        }
      }
    )
    const told = JSON.stringify([auth, headers])
    assert.equal((await ask('/', headers)).status, expected, told)
    if (who !== undefined) assert.equal(upstream.requests[0]?.header('x-who'), who, told)
  }
})

test('a challenge names every scheme that would do', async (t) => {
  const { ask } = await guarded(t, TWO, { auth: { any: ['a', 'b'] } })
  assert.equal((await ask()).challenge, 'By-x-a, By-x-b')
})

test('with auth.default deny, a route without auth stops the start by its name; false and policies will do', async () => {
  const respond = { status: 204 } as const
  const config: GatewayServerConfig = {
    logger: false,
    authentication: TWO,
    auth: { default: 'deny' },
    policies: { known: { auth: 'a' } },
    routes: [
      { id: 'open', path: '/open', respond, auth: false },
      { id: 'known', path: '/known', respond, use: ['known'] },
      { id: 'forgotten', path: '/forgotten', respond }
    ]
  }
  await assert.rejects(createGateway(config).ready(), {
    code: 'GW_CONFIG_INVALID',
    message: /routes\[2\]: route 'forgotten' has no 'auth', and auth\.default is 'deny'/
  })
  const gateway = createGateway({ ...config, routes: config.routes?.slice(0, 2) ?? [] })
  await gateway.ready()
  const statusOf = async (url: string) => (await gateway.inject({ url })).statusCode
  assert.deepEqual([await statusOf('/open'), await statusOf('/known')], [204, 401])
  await gateway.close()
})

test('auth at the top is for routes that have none of their own', async (t) => {
  const { ask } = await guarded(
    t,
    TWO,
    {},
    {
      auth: 'a',
      routes: [
        { path: '/own', respond: { status: 204 }, auth: 'b' },
        { path: '/open', respond: { status: 204 }, auth: false },
        { path: '/*', respond: { status: 204 } }
      ]
    }
  )
  const statuses = async (headers: Record<string, string>) =>
    Promise.all(['/own', '/open', '/x'].map(async (path) => (await ask(path, headers)).status))
  assert.deepEqual(await statuses({ 'x-a': 'al' }), [401, 204, 204])
  assert.deepEqual(await statuses({ 'x-b': 'bo' }), [204, 204, 401])
})

test('mode observe lets through and tells, with the identity where there is one', async (t) => {
  const { ask, upstream, lines } = await guarded(
    t,
    { ...TWO, headers: { 'x-user': 'subject' } },
    { auth: { any: ['a'], mode: 'observe' } }
  )
  assert.deepEqual([(await ask()).status, (await ask('/', { 'x-a': 'al' })).status], [200, 200])
  assert.deepEqual(
    lines.map(({ observed, subject }) => [observed, subject]),
    [
      [['unauthenticated'], null],
      [null, 'al']
    ]
  )
  assert.deepEqual(
    upstream.requests.map((request) => request.header('x-user')),
    [undefined, 'al']
  )
})

const FORGERIES: readonly (readonly string[])[] = [
  ['X-User-Id: root', 'X-Roles: admin'],
  ['x-user-id: root', 'X-USER-ID: root', 'x-UsEr-Id: root'],
  ['X_User_Id: root', 'x_roles: admin', 'X-User_Id: root', 'x_user-id: root'],
  ['X.User.Id: root', 'x~roles: admin', 'X|User-Id: root', "X'Roles: admin"],
  ['X-User-Id: al', 'X-User-Id: root'],
  ['X-User-Id:', 'X-Roles: ']
]

for (const lines of FORGERIES)
  test(`a client cannot say itself who it is: ${lines.join(', ')}`, async (t) => {
    const { upstream, port } = await guarded(
      t,
      { ...TWO, headers: { 'X-User-Id': 'subject', 'x-roles': 'roles' } },
      { auth: { any: ['a'], optional: true } },
      { underscores: 'keep' }
    )
    for (const [more, expected] of [
      [[], []],
      [
        ['X-A: al'],
        [
          ['x-user-id', 'al'],
          ['x-roles', 'al-role']
        ]
      ]
    ] as const) {
      const head = ['GET / HTTP/1.1', 'Host: example.test', ...lines, ...more, '', '']
      assert.equal((await rawRequest(port, head.join('\r\n'))).status, 200)
      const seen = (upstream.requests.at(-1)?.headers ?? [])
        .map(([name, value]) => [name.toLowerCase().replaceAll(/[^a-z]/g, '-'), value])
        .filter(([name]) => /user|roles/.test(name as string))
      assert.deepEqual(seen, expected)
    }
  })

test('a client cannot have the headers stripped that tell who it is', async (t) => {
  const { upstream, port } = await guarded(t, { ...TWO, headers: { 'x-user-id': 'subject' } }, { auth: 'a' })
  const head = ['GET / HTTP/1.1', 'Host: example.test', 'X-A: al', 'Connection: x-user-id', '', '']
  assert.equal((await rawRequest(port, head.join('\r\n'))).status, 400)
  assert.equal(upstream.requests.length, 0)
})

test('authorize: rules on scopes, roles, consumers, subjects, schemes, claims, methods, clients and a function', async (t) => {
  const al = { 'x-a': 'al' }
  const cases: [AuthorizeConfig, Record<string, string>, number, RegExp?][] = [
    [{ scopes: ['read:al'] }, al, 200],
    [{ scopes: ['read:al', 'write:al'] }, al, 403, /not scopes read:al and write:al/],
    [{ roles: ['admin', 'al-role'] }, al, 200],
    [{ roles: ['admin'] }, al, 403, /not role admin/],
    [{ consumers: ['acme'] }, al, 200],
    [{ consumers: ['other'] }, al, 403],
    [{ subjects: ['al'] }, al, 200],
    [{ subjects: ['bo'] }, al, 403],
    [{ schemes: ['b'] }, al, 403],
    [{ metadata: { plan: ['gold', 'silver'] } }, al, 200],
    [{ metadata: { plan: 'iron' } }, al, 403, /not metadata plan/],
    [{ metadata: { 'limits.daily': 5 } }, al, 200],
    [{ metadata: { tags: 'eu' } }, al, 200],
    [{ metadata: { constructor: 'x' } }, al, 403],
    [{ metadata: { 'limits.__proto__': 'x' } }, al, 403],
    [{ claims: { toString: true } }, al, 403],
    [{ methods: ['POST'] }, al, 403, /not method POST/],
    [{ methods: ['GET'] }, al, 200],
    [{ clients: ['127.0.0.0/8'] }, al, 200],
    [{ clients: ['10.0.0.0/8'] }, al, 403, /not client in 10\.0\.0\.0\/8/],
    [{ roles: ['al-role'], any: [{ methods: ['POST'] }, { subjects: ['al'] }] }, al, 200],
    [
      { roles: ['al-role'], any: [{ methods: ['POST'] }, { subjects: ['bo'] }] },
      al,
      403,
      /none of: method POST or subject bo/
    ],
    [{ check: ({ identity }) => identity?.subject === 'al' }, al, 200],
    [{ check: async () => false }, al, 403, /authorize\.check returned false/],
    [{ check: () => 'yes' as never }, al, 503, /instead of true or false/],
    [{ check: () => Promise.reject(new Error('lost')) }, al, 503, /lost/],
    [{ any: [{ check: () => Promise.reject(new Error('lost')) }, { subjects: ['al'] }] }, al, 200],
    [{ roles: ['admin'] }, {}, 401],
    [{ mode: 'observe', roles: ['admin'] }, al, 200]
  ]
  for (const [authorize, headers, expected, detail] of cases) {
    const { ask, lines, upstream } = await guarded(
      t,
      {
        ...TWO,
        consumers: {
          acme: {
            metadata: { plan: 'gold', limits: { daily: 5 }, tags: ['eu', 'us'] },
            subjects: { a: ['al'] }
          }
        }
      },
      { auth: { any: ['a', 'b'], optional: true }, authorize }
    )
    const { status, body, challenge } = await ask('/', headers)
    const told = JSON.stringify(authorize)
    assert.equal(status, expected, told)
    assert.equal(upstream.requests.length, expected === 200 ? 1 : 0, told)
    assert.equal(challenge, expected === 401 ? 'By-x-a, By-x-b' : null, told)
    assert.doesNotMatch(body, /role|scope|rule|lost/, told)
    if (detail !== undefined) assert.match(String(lines[0]?.detail), detail)
  }
})

test('rules on the client and the method need nobody identified', async (t) => {
  const { ask } = await guarded(t, {}, { authorize: { clients: ['10.0.0.0/8'] } })
  assert.deepEqual([(await ask()).status, (await ask()).reason], [403, 'forbidden'])
})

test('what could not work is refused by path', async () => {
  const route = { path: '/', respond: {} }
  for (const [config, problem] of [
    [
      { routes: [{ ...route, auth: 'jtw' }] },
      /routes\[0\]\.auth: there is no scheme 'jtw' in authentication\.schemes; did you mean 'jwt'\?/
    ],
    [{ policies: { p: { auth: { any: ['x', 'a'] } } } }, /policies\.p\.auth: there is no scheme 'x'/],
    [{ auth: { all: [] } }, /auth\.all/],
    [{ auth: { any: [{ all: ['a'], more: 1 }] } }, /auth\.any\[0\]: an object must be the name of a scheme/],
    [{ auth: {} }, /auth: give 'any' or 'all'/],
    [{ auth: { any: ['a'], all: ['a'] } }, /auth: give one of 'any' and 'all'/],
    [{ auth: { default: 'deny', optional: true } }, /auth\.optional: does nothing beside 'default'/],
    [
      { routes: [{ ...route, auth: { default: 'deny' } }] },
      /routes\[0\]\.auth\.default: stands at the top only/
    ],
    [
      { routes: [{ ...route, authorize: { roles: ['x'] } }] },
      /'authorize' of route .* needs to know who a request is from/
    ],
    [{ routes: [{ ...route, auth: 'a', authorize: {} }] }, /authorize: allows everybody/],
    [
      { routes: [{ ...route, auth: 'a', authorize: { clients: ['10.0.0.0/33'] } }] },
      /authorize\.clients\[0\]: '10\.0\.0\.0\/33' must have a prefix length/
    ],
    [
      { routes: [{ ...route, auth: 'a', authorize: { methods: ['get'] } }] },
      /authorize\.methods: 'get' must be a method in upper case/
    ],
    [
      { authentication: { schemes: { a: { type: 'custum' } } } },
      /authentication\.schemes\.a: type: there is no type 'custum'; did you mean 'custom'\?/
    ],
    [
      { authentication: { schemes: { a: { type: 'custom' } } } },
      /authentication\.schemes\.a: 'authenticate' is missing/
    ],
    [
      { authentication: { schemes: { a: { type: 'custom', authenticate: 5 } } } },
      /schemes\.a\.authenticate: must be a function/
    ],
    [
      { authentication: { headers: { x_user: 'subject' } } },
      /headers: 'x_user' must be a header name of letters, digits and hyphens/
    ],
    [{ authentication: { headers: { host: 'subject' } } }, /headers\.host: has a meaning of its own/],
    [{ authentication: { headers: { 'x-user': 'sub' } } }, /headers\.x-user: 'sub' must be 'subject'/],
    [
      { authentication: { consumers: { c: { subjects: { nope: ['x'] } } } } },
      /consumers\.c\.subjects\.nope: there is no such scheme/
    ],
    [
      {
        authentication: {
          ...TWO,
          consumers: { c: { subjects: { a: ['x'] } }, d: { subjects: { a: ['x'] } } }
        }
      },
      /'x' belongs to 'c' already/
    ],
    [
      { authentication: { schemes: { 'a\nb': { type: 'custom' } } } },
      /schemes: 'a.b' must be a name of at most 64/
    ],
    [{ authentication: { realm: 'a"b' } }, /authentication\.realm/]
  ] as const) {
    const authentication = { schemes: { ...TWO.schemes, jwt: TWO.schemes.a } }
    const gateway = createGateway({ logger: false, authentication, ...config } as GatewayServerConfig)
    await assert.rejects(
      gateway.ready(),
      { code: 'GW_CONFIG_INVALID', message: problem },
      JSON.stringify(config)
    )
  }
})

test('log, metrics, spans, why() and explain() tell who it was from', async (t) => {
  const { ask, lines, gateway } = await guarded(
    t,
    { ...TWO, consumers: { acme: { subjects: { a: ['al'] } } } },
    { auth: { any: ['a', { all: ['a', 'b'] }] }, authorize: { consumers: ['acme'] } },
    { metrics: { listener: 'app', process: false }, flightRecorder: true }
  )
  await ask('/', { 'x-a': 'al' })
  await ask()
  const [served, refused] = lines
  assert.deepEqual(
    [served?.subject, served?.consumer, served?.auth_scheme, refused?.subject, refused?.reason],
    ['al', 'acme', 'a', null, 'unauthenticated']
  )
  assert.match(gateway.why(String(served?.request_id)), /from the consumer 'acme'/)
  assert.match(gateway.why(String(refused?.request_id)), /not let in: unauthenticated \(no credentials\)/)
  const { body } = await gateway.app.metrics.show()
  assert.match(body, /^proxy_authenticated_requests_total\{route="all",scheme="a"\} 1$/m)
  assert.match(body, /^proxy_request_reasons_total\{route="all",reason="unauthenticated"\} 1$/m)
  assert.match(body, /^proxy_request_reasons_total\{route="all",reason="forbidden"\} 0$/m)
  const { steps } = await gateway.explain({ url: '/' })
  assert.deepEqual(
    steps.filter((step) => /auth/.test(step)),
    ['onRequest: authentication a or (a and b)', 'onRequest: authorization consumer acme']
  )
})

test('a native route is authenticated as any other, and named where it says nothing', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, {
    accessLog: false,
    pools: { api: { endpoints: ['http://127.0.0.1:9'] } },
    authentication: TWO
  })
  const own = async () => 'hello'
  app.get('/known', { config: { gateway: { pool: 'api', auth: 'a' } } }, own)
  app.get('/open', { config: { gateway: { pool: 'api' } } }, own)
  const status = async (url: string, headers = {}) => (await app.inject({ url, headers })).statusCode
  assert.deepEqual(
    [await status('/known'), await status('/known', { 'x-a': 'al' }), await status('/open')],
    [401, 200, 200]
  )
  await assert.rejects(app.gateway.apply({ ...app.gateway.config, auth: { default: 'deny' } }), {
    code: 'GW_CONFIG_INVALID',
    message: /route 'GET \/open' has no 'auth'/
  })
  assert.equal(await status('/open'), 200)
})

test('schemes that answer twice, late or for a client that has left do no harm', async (t) => {
  const answers: ((subject: string | null) => void)[] = []
  const waiting: AuthenticateFunction = () =>
    new Promise((resolve) => {
      answers.push((subject) => resolve(subject === null ? null : { subject }))
    })
  const { ask, port, upstream, lines } = await guarded(
    t,
    { schemes: { slow: { type: 'custom', authenticate: waiting, timeout: '200ms' }, b: TWO.schemes.b } },
    { auth: { any: ['slow', 'b'] } }
  )
  const late = await ask('/', { 'x-b': 'forged' })
  assert.equal(late.status, 503)
  answers[0]?.('al')
  const client = await rawClient(port)
  await client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
  while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve))
  client.reset()
  // The gateway has seen that it left.
  while (lines.length < 2) await new Promise((resolve) => setImmediate(resolve))
  answers[1]?.('al')
  assert.equal((await ask('/', { 'x-b': 'bo' })).status, 200)
  assert.equal(upstream.requests.length, 1)
})

test('a consumer whose metadata has names of Object’s own pollutes nothing', async (t) => {
  const metadata = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
  const { ask, upstream } = await guarded(
    t,
    {
      schemes: {
        a: {
          type: 'custom',
          authenticate: () => ({
            subject: '__proto__',
            claims: JSON.parse('{"__proto__":{"admin":true},"sub":"x"}')
          })
        }
      },
      consumers: { acme: { metadata, subjects: { a: ['__proto__'] } } },
      headers: { 'x-admin': 'claims.admin', 'x-meta': 'metadata.admin', 'x-user': 'subject' }
    },
    { auth: 'a' }
  )
  await ask()
  const [seen] = upstream.requests
  assert.deepEqual(
    [seen?.header('x-admin'), seen?.header('x-meta'), seen?.header('x-user')],
    [undefined, undefined, '__proto__']
  )
  assert.equal(({} as { admin?: boolean }).admin, undefined)
})
