import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fastifyRateLimit from '@fastify/rate-limit'
import type { Identity } from '@gatewright/core'
import gatewayPlugin, {
  createGateway,
  type GatewayServerConfig,
  type RateLimitConfig
} from '@gatewright/gateway'
import { fakeUpstream, gate, gatewayKit, reloadSuite, simulate } from '@gatewright/testing'
import { fastify } from 'fastify'
import { eventually } from '../support/eventually.js'
import { reloading } from '../support/reloading.js'
import { startGateway } from '../support/start-gateway.js'

type Routes = NonNullable<GatewayServerConfig['routes']>

/** A gateway in virtual time whose routes answer themselves. */
async function limited(t: TestContext, rateLimit: RateLimitConfig, more: GatewayServerConfig = {}) {
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      logger: false,
      accessLog: false,
      routes: [{ id: 'all', path: '/*', respond: { status: 204 }, rateLimit }],
      ...more
    },
    kit.seams
  )
  t.after(() => gateway.close())
  await gateway.ready()
  const ask = (headers: Record<string, string> = {}, url = '/', remoteAddress = '192.0.2.1') =>
    gateway.inject({ url, headers, remoteAddress })
  return {
    kit,
    gateway,
    ask,
    /** The statuses of so many requests at once. */
    statuses: async (count: number, ...how: Parameters<typeof ask>) =>
      (await Promise.all(Array.from({ length: count }, () => ask(...how)))).map(
        ({ statusCode }) => statusCode
      )
  }
}

test('requests beyond the rate are refused, and admitted again when Retry-After says', async (t) => {
  const { ask, statuses, kit } = await limited(t, { requestsPerSecond: 2, burst: 3 })
  assert.deepEqual(await statuses(5), [204, 204, 204, 429, 429])
  const refused = await ask()
  assert.equal(refused.headers['retry-after'], '1')
  assert.equal(refused.headers['content-type'], 'application/problem+json')
  assert.deepEqual([refused.json().reason, refused.json().title], ['rate_limited', 'Too many requests'])
  assert.equal(refused.json().detail, undefined)
  await kit.advance(1_000)
  assert.deepEqual(await statuses(3), [204, 204, 429])
})

test('2,000 requests at once get exactly the limit', async (t) => {
  const { statuses } = await limited(t, { limit: 100, window: '1h' })
  const all = await statuses(2_000)
  assert.equal(all.filter((status) => status === 204).length, 100)
})

test('responses tell the policy and what is left, refusals too', async (t) => {
  const { ask, kit } = await limited(t, [
    { name: 'second', requestsPerSecond: 10, burst: 2 },
    { name: 'day', limit: 100, window: '24h', algorithm: 'fixed-window' }
  ])
  const first = await ask()
  assert.equal(first.headers['ratelimit-policy'], '"second";q=2;w=1, "day";q=100;w=86400')
  assert.match(String(first.headers.ratelimit), /^"second";r=1;t=1, "day";r=99;t=\d+$/)
  await ask()
  const refused = await ask()
  assert.equal(refused.statusCode, 429)
  assert.match(String(refused.headers.ratelimit), /^"second";r=0;t=1, "day";r=98;t=\d+$/)
  await kit.advance(1_000)
  assert.match(String((await ask()).headers.ratelimit), /^"second";r=1;t=1, "day";r=97;/)
})

test('where one of several limits refuses, nothing is taken from the others', async (t) => {
  const { ask, statuses, kit } = await limited(t, [
    { name: 'burst', requestsPerSecond: 1 },
    { name: 'hour', limit: 3, window: '1h', headers: 'legacy' }
  ])
  assert.deepEqual(await statuses(10), [204, ...new Array(9).fill(429)])
  await kit.advance(1_000)
  const { headers } = await ask()
  assert.deepEqual(
    [headers['x-ratelimit-limit'], headers['x-ratelimit-remaining'], headers['ratelimit-policy']],
    ['3', '1', '"burst";q=1;w=1']
  )
})

test('each key has a count of its own: clients by address and prefix, headers, cookies, what functions say', async (t) => {
  const cases: [RateLimitConfig, Parameters<Awaited<ReturnType<typeof limited>>['ask']>[], number[]][] = [
    [
      { requestsPerSecond: 1 },
      [
        [{}, '/', '192.0.2.1'],
        [{}, '/', '192.0.2.2'],
        [{}, '/', '192.0.2.1'],
        [{}, '/', '2001:db8::1'],
        [{}, '/', '2001:db8::2']
      ],
      [204, 204, 429, 204, 429]
    ],
    [
      { requestsPerSecond: 1, ipv6Prefix: 128 },
      [
        [{}, '/', '2001:db8::1'],
        [{}, '/', '2001:db8::2'],
        [{}, '/', '2001:db8:0::1']
      ],
      [204, 204, 429]
    ],
    [
      { requestsPerSecond: 1, key: { header: 'X-Tenant' } },
      [[{ 'x-tenant': 'a' }], [{ 'x-tenant': 'b' }], [{ 'x-tenant': 'a' }], [], []],
      [204, 204, 429, 204, 429]
    ],
    [
      { requestsPerSecond: 1, key: { cookie: 'sid' }, withoutKey: 'reject' },
      [
        [{ cookie: 'x=1; sid=a' }],
        [{ cookie: 'sid=b' }],
        [{ cookie: 'sid=a; sid=c' }],
        [{ cookie: 'sid=' }],
        []
      ],
      [204, 204, 429, 429, 429]
    ],
    [
      { requestsPerSecond: 1, key: { header: 'x-tenant' }, withoutKey: 'exempt' },
      [[{ 'x-tenant': 'a' }], [{ 'x-tenant': 'a' }], [], [], []],
      [204, 429, 204, 204, 204]
    ],
    [
      { requestsPerSecond: 1, key: ['client', { header: 'x-tenant' }] },
      [
        [{ 'x-tenant': 'a' }],
        [{ 'x-tenant': 'b' }],
        [{ 'x-tenant': 'a' }, '/', '192.0.2.2'],
        [{ 'x-tenant': 'a' }]
      ],
      [204, 204, 204, 429]
    ],
    [
      { requestsPerSecond: 1, key: ({ query }) => query },
      [
        [{}, '/?a'],
        [{}, '/?b'],
        [{}, '/?a'],
        [{}, '/'],
        [{}, '/']
      ],
      [204, 204, 429, 204, 429]
    ],
    [
      { requestsPerSecond: 1, key: { constant: 'all' } },
      [
        [{}, '/', '192.0.2.1'],
        [{}, '/', '192.0.2.2']
      ],
      [204, 429]
    ]
  ]
  for (const [rateLimit, asks, expected] of cases) {
    const { ask } = await limited(t, rateLimit)
    const found: number[] = []
    for (const one of asks) found.push((await ask(...one)).statusCode)
    assert.deepEqual(found, expected, JSON.stringify(rateLimit))
  }
})

test('a forwarding header is believed of trusted proxies only: nobody gets a limit of his own by making one up', async (t) => {
  const { ask } = await limited(t, { requestsPerSecond: 1 }, { trustedProxies: ['10.0.0.0/8'] })
  const from = async (forwarded: string, peer: string) =>
    (await ask({ 'x-forwarded-for': forwarded }, '/', peer)).statusCode
  assert.deepEqual(
    [await from('198.51.100.1', '192.0.2.1'), await from('198.51.100.2', '192.0.2.1')],
    [204, 429]
  )
  assert.deepEqual(
    [await from('198.51.100.1', '10.0.0.1'), await from('198.51.100.2', '10.0.0.1')],
    [204, 204]
  )
})

test('a limit of a name is shared by its routes, one without is of each route alone, and false switches a policy off', async (t) => {
  const respond = { status: 204 } as const
  const { statuses } = await limited(t, false, {
    policies: {
      each: { rateLimit: { limit: 1, window: '1h' } },
      all: { rateLimit: { name: 'api', limit: 1, window: '1h' } }
    },
    routes: [
      { id: 'a', path: '/a', use: ['each'], respond },
      { id: 'b', path: '/b', use: ['each'], respond },
      { id: 'c', path: '/c', use: ['all'], respond },
      { id: 'd', path: '/d', use: ['all'], respond },
      { id: 'e', path: '/e', use: ['all'], rateLimit: false, respond }
    ]
  })
  for (const [path, expected] of [
    ['/a', [204, 429]],
    ['/b', [204, 429]],
    ['/c', [204, 429]],
    ['/d', [429, 429]],
    ['/e', [204, 204]]
  ] as const)
    assert.deepEqual(await statuses(2, {}, path), expected, path)
})

test('a limit of the whole configuration holds besides those of routes, for what no route takes too', async (t) => {
  const { statuses } = await limited(
    t,
    { name: 'route', limit: 2, window: '1h' },
    {
      rateLimit: { name: 'all', limit: 4, window: '1h' },
      routes: [
        { path: '/own', respond: { status: 204 }, rateLimit: { name: 'route', limit: 2, window: '1h' } },
        { path: '/none', respond: { status: 204 }, rateLimit: false }
      ]
    }
  )
  assert.deepEqual(await statuses(3, {}, '/own'), [204, 204, 429])
  assert.deepEqual(await statuses(1, {}, '/nowhere'), [404])
  assert.deepEqual(await statuses(2, {}, '/none'), [204, 429])
  assert.deepEqual(await statuses(1, {}, '/nowhere'), [429])
})

test('what a request costs is taken, 0 for nothing; one that costs more than the limit is always refused', async (t) => {
  const { ask } = await limited(t, {
    limit: 10,
    window: '1h',
    cost: ({ headers }) => Number(headers['x-cost'] ?? 1)
  })
  const left = async (cost: string) => {
    const { statusCode, headers } = await ask({ 'x-cost': cost })
    return [statusCode, /r=(\d+)/.exec(String(headers.ratelimit))?.[1]]
  }
  assert.deepEqual(await left('4'), [204, '6'])
  assert.deepEqual(await left('7'), [429, '6'])
  assert.deepEqual(await left('0'), [204, '6'])
  assert.deepEqual(await left('11'), [429, '6'])
  // What is no cost is reported, and counts 1.
  assert.deepEqual(await left('-1'), [204, '5'])
  assert.deepEqual(await left('much'), [204, '4'])
})

test('functions that throw or return something else are reported, and the request is counted by its client', async (t) => {
  const wrong = [
    () => {
      throw new Error('mine')
    },
    () => 5 as never,
    async () => 'late'
  ] as never[]
  for (const key of wrong) {
    const { ask, gateway } = await limited(t, { requestsPerSecond: 1, key })
    const warned: string[] = []
    gateway.app.gateway.faults.sink = {
      warn: (_fields: object, text: string) => void warned.push(text),
      error: () => {}
    } as never
    assert.deepEqual([(await ask()).statusCode, (await ask()).statusCode], [204, 429])
    assert.match(warned.join('\n'), /the key of rateLimit 'default'/)
  }
})

test('a limit that only observes lets everything pass, shows no fields, and tells what it would have done', async (t) => {
  const { ask, statuses, gateway } = await limited(
    t,
    { mode: 'observe', limit: 1, window: '1h' },
    {
      metrics: { listener: 'probes', process: false }
    }
  )
  const observed: string[] = []
  gateway.app.gateway.events.on('observed', ({ reason, because }) => observed.push(`${reason}: ${because}`))
  assert.deepEqual(await statuses(3), [204, 204, 204])
  assert.equal((await ask()).headers.ratelimit, undefined)
  assert.equal(observed.length, 3)
  assert.match(String(observed[0]), /^rate_limited: limit 'default': 1 in 3600 s, again in 3600000 ms$/)
  const { body } = await gateway.app.metrics.show()
  assert.match(body, /^proxy_observed_total\{route="all",reason="rate_limited"\} 3$/m)
})

test('a refused request never reaches the upstream, and log, metrics, why() and explain() say what limited it', async (t) => {
  const upstream = await fakeUpstream(t)
  const lines: Record<string, unknown>[] = []
  const { url, gateway } = await startGateway(t, {
    metrics: { listener: 'app', process: false },
    flightRecorder: true,
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api', rateLimit: { name: 'api', limit: 1, window: '1h' } }]
  } as GatewayServerConfig)
  const statuses = [await fetch(`${url}/1`), await fetch(`${url}/2`)].map(({ status }) => status)
  assert.deepEqual(statuses, [200, 429])
  assert.equal(upstream.requests.length, 1)
  const [served, refused] = lines
  assert.deepEqual([served?.reason, refused?.reason, refused?.pool], [null, 'rate_limited', 'api'])
  assert.match(String(refused?.detail), /^limit 'api': 1 in 3600 s, again in \d+ ms$/)
  assert.match(gateway.why(String(refused?.request_id)), /rate limit 'api'/)
  const { body } = await gateway.app.metrics.show()
  assert.match(body, /^proxy_rate_limit_refused_total\{scope="name",id="api"\} 1$/m)
  assert.match(body, /^proxy_rate_limit_keys\{scope="name",id="api"\} 1$/m)
  assert.match(body, /^proxy_request_reasons_total\{route="api",reason="rate_limited"\} 1$/m)
  const { steps } = await gateway.explain({ method: 'GET', url: '/1' })
  assert.ok(steps.includes('onRequest: rate limit api (1 in 3600 s)'), steps.join())
})

test('counts stay over a change of the configuration; other numbers hold at once, another way of counting begins anew', async (t) => {
  const respond = { status: 204 } as const
  const routes = (rateLimit: RateLimitConfig): Routes => [{ id: 'r', path: '/*', respond, rateLimit }]
  const { url, change } = await reloading(t, { routes: routes({ limit: 3, window: '1h' }) })
  const status = async () => (await fetch(url)).status
  assert.deepEqual([await status(), await status()], [204, 204])
  await change({ routes: [...routes({ limit: 3, window: '1h' }), { path: '/more', respond }] })
  assert.deepEqual([await status(), await status()], [204, 429])
  await change({ routes: routes({ limit: 3, burst: 5, window: '1h' }) })
  assert.deepEqual([await status(), await status(), await status()], [204, 204, 429])
  await change({ routes: routes({ limit: 8, window: '1h' }) })
  assert.deepEqual([await status(), await status(), await status(), await status()], [204, 204, 204, 429])
  await change({ routes: routes({ limit: 3, window: '1h', algorithm: 'fixed-window' }) })
  assert.deepEqual([await status(), await status(), await status(), await status()], [204, 204, 204, 429])
  await change({ routes: routes(false) })
  assert.equal(await status(), 204)
})

test('limits of one name that differ are a problem of the configuration, named with both', async () => {
  const respond = { status: 204 } as const
  const gateway = createGateway({
    logger: false,
    routes: [
      { id: 'a', path: '/a', respond, rateLimit: { name: 'x', limit: 1, window: '1h' } },
      { id: 'b', path: '/b', respond, rateLimit: { name: 'x', limit: 2, window: '1h' } }
    ]
  })
  await assert.rejects(gateway.ready(), {
    code: 'GW_CONFIG_INVALID',
    message: /route b: rateLimit 'x' has other numbers or another key than elsewhere/
  })
})

test('what could not limit, or says two things, is refused by path', async () => {
  for (const [rateLimit, problem] of [
    [{}, /routes\[0\]\.rateLimit: limits nothing/],
    [{ limit: 1 }, /rateLimit\.window: is missing/],
    [{ window: '1s' }, /rateLimit\.limit: is missing/],
    [{ requestsPerSecond: 1, limit: 5 }, /rateLimit\.limit: does nothing beside 'requestsPerSecond'/],
    [
      { limit: 1, window: '1s', algorithm: 'fixed-window', burst: 3 },
      /rateLimit\.burst: does nothing with 'fixed-window'/
    ],
    [{ requestsPerSecond: 0 }, /rateLimit/],
    [{ requestsPerSecond: 1, key: 'cleint' }, /rateLimit\.key: must be 'client'/],
    [{ requestsPerSecond: 1, key: [] }, /rateLimit\.key: must name something/],
    [{ requestsPerSecond: 1, key: { header: 'a b' } }, /rateLimit\.key: must be/],
    [{ requestsPerSecond: 1, cost: -1 }, /rateLimit\.cost: must be a number from 0/],
    [{ requestsPerSecond: 1, name: 'a b' }, /rateLimit\.name/],
    [{ concurrent: 1, limit: 2 }, /rateLimit\.limit: does nothing beside 'concurrent'/],
    [{ concurrent: 1, store: 'shared' }, /rateLimit\.store: does nothing beside 'concurrent'/],
    [{ requestsPerSecond: 1, costAfter: { header: 'a b' } }, /rateLimit\.costAfter: must be 'request-bytes'/],
    [
      [
        { limit: 1, window: '1s' },
        { limit: 2, window: '1s' }
      ],
      /rateLimit\[1\]\.name: 'default' is there twice/
    ]
  ] as const) {
    const gateway = createGateway({
      logger: false,
      routes: [{ path: '/', respond: {}, rateLimit: rateLimit as never }]
    })
    await assert.rejects(
      gateway.ready(),
      { code: 'GW_CONFIG_INVALID', message: problem },
      JSON.stringify(rateLimit)
    )
  }
})

test('limits of one name share their counts, and keep the mode, the cost and the fields of each route', async (t) => {
  const respond = { status: 204 } as const
  const api = { name: 'api', limit: 10, window: '1h' } as const
  const { ask } = await limited(t, false, {
    routes: [
      { id: 'watched', path: '/watched', respond, rateLimit: { ...api, mode: 'observe' } },
      { id: 'dear', path: '/dear', respond, rateLimit: { ...api, cost: 6 } },
      { id: 'quiet', path: '/quiet', respond, rateLimit: { ...api, headers: 'none' } }
    ]
  })
  const told = async (path: string) => {
    const { statusCode, headers } = await ask({}, path)
    return [statusCode, headers.ratelimit?.toString().split(';t=')[0]]
  }
  assert.deepEqual(await told('/dear'), [204, '"api";r=4'])
  assert.deepEqual(await told('/dear'), [429, '"api";r=4'])
  assert.deepEqual(await told('/watched'), [204, undefined])
  for (let n = 0; n < 3; n++) assert.deepEqual(await told('/quiet'), [204, undefined])
  assert.deepEqual(await told('/quiet'), [429, undefined])
  assert.deepEqual(await told('/watched'), [204, undefined])
})

test('limits of one name whose keys are other functions differ', async () => {
  const rateLimit = () =>
    ({ name: 'x', limit: 1, window: '1h', key: ({ query }: { query: string }) => query }) as const
  const gateway = createGateway({
    logger: false,
    routes: [
      { path: '/a', respond: {}, rateLimit: rateLimit() },
      { path: '/b', respond: {}, rateLimit: rateLimit() }
    ]
  })
  await assert.rejects(gateway.ready(), /rateLimit 'x' has other numbers or another key/)
})

test('no key that a client can choose is the key of another client, or inherited', async (t) => {
  const { ask } = await limited(t, { limit: 1, window: '1h', key: { header: 'x-tenant' } })
  for (const forged of ['client 192.0.2.9', '192.0.2.9', '%0A192.0.2.9'])
    assert.equal((await ask({ 'x-tenant': forged })).statusCode, 204, forged)
  assert.equal((await ask({}, '/', '192.0.2.9')).statusCode, 204)
  const decoded = await limited(t, {
    limit: 1,
    window: '1h',
    key: ({ query }) => decodeURIComponent(query.slice(1))
  })
  assert.equal((await decoded.ask({}, '/?%0A192.0.2.9')).statusCode, 204)
  assert.equal((await decoded.ask({}, '/', '192.0.2.9')).statusCode, 204)
  const inherited = await limited(t, {
    limit: 1,
    window: '1h',
    key: { header: 'constructor' },
    withoutKey: 'exempt'
  })
  assert.deepEqual(await inherited.statuses(3), [204, 204, 204])
})

test('long keys are counted apart, and cost no more than short ones', async (t) => {
  const { ask } = await limited(t, { limit: 1, window: '1h', key: { header: 'x-tenant' } })
  const long = 'x'.repeat(8_000)
  for (const [key, status] of [
    [`${long}a`, 204],
    [`${long}b`, 204],
    [`${long}a`, 429]
  ] as const)
    assert.equal((await ask({ 'x-tenant': key })).statusCode, status)
})

test('a request without a key is refused by a limit that enforces, whatever others only observe', async (t) => {
  const key = { header: 'x-tenant' }
  const more = { limit: 10, window: '1h', key, withoutKey: 'reject' } as const
  const { ask } = await limited(t, [
    { name: 'watches', mode: 'observe', ...more },
    { name: 'enforces', ...more }
  ])
  assert.equal((await ask()).statusCode, 429)
  assert.equal((await ask({ 'x-tenant': 'a' })).statusCode, 204)
})

test('so many requests of a key run at a time, and one that ends makes room', async (t) => {
  const upstream = await fakeUpstream(t)
  const { url, gateway } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [
      {
        id: 'api',
        path: '/*',
        pool: 'api',
        rateLimit: [
          { name: 'running', concurrent: 2, key: { header: 'x-tenant' } },
          { name: 'hour', limit: 100, window: '1h' }
        ]
      }
    ]
  } as GatewayServerConfig)
  upstream.answers({ after: gate() })
  const left = new AbortController()
  const held = [1, 2].map(() =>
    fetch(url, { headers: { 'x-tenant': 'a' }, signal: left.signal }).catch(() => null)
  )
  await eventually(async () => assert.equal(upstream.requests.length, 2))
  const refused = await fetch(url, { headers: { 'x-tenant': 'a' } })
  assert.equal(refused.status, 429)
  assert.equal(
    refused.headers.get('ratelimit-policy'),
    '"running";q=2;qu="concurrent-requests", "hour";q=100;w=3600'
  )
  assert.match(String(refused.headers.get('ratelimit')), /^"running";r=0, "hour";r=98;/)
  left.abort()
  await Promise.all(held)
  upstream.answers({})
  await eventually(async () => assert.equal((await fetch(url, { headers: { 'x-tenant': 'a' } })).status, 200))
  await eventually(async () =>
    assert.deepEqual(
      gateway.app.rateLimits.state().map(({ id, keys }) => [id, keys]),
      [
        ['name running', 0],
        ['name hour', 1]
      ]
    )
  )
})

test('what a response turned out to cost is paid by later requests: bytes, header, trailer, function', async (t) => {
  for (const [costAfter, answer] of [
    ['response-bytes', { body: 'x'.repeat(30) }],
    [{ header: 'X-Tokens-Used' }, { headers: { 'x-tokens-used': '30' }, body: 'x' }],
    [{ trailer: 'x-tokens-used' }, { trailers: [['X-Tokens-Used', '30']], body: 'x' }],
    [() => 30, {}]
  ] as const) {
    const upstream = await fakeUpstream(t)
    upstream.answers(answer as never)
    const { url } = await startGateway(t, {
      pools: { api: { endpoints: [upstream.url] } },
      routes: [
        {
          id: 'api',
          path: '/*',
          pool: 'api',
          rateLimit: { name: 'tokens', limit: 50, window: '1h', costAfter }
        }
      ]
    } as GatewayServerConfig)
    const left: unknown[] = []
    for (let n = 0; n < 3; n++) {
      const response = await fetch(url)
      await response.arrayBuffer()
      left.push(response.status, /r=(\d+)/.exec(String(response.headers.get('ratelimit')))?.[1])
      await eventually(async () =>
        assert.equal(upstream.requests.length, Math.min(n + 1, 2), JSON.stringify(costAfter))
      )
    }
    assert.deepEqual(left, [200, '50', 200, '20', 429, '0'], JSON.stringify(costAfter))
  }
})

test('limits by consumer, subject and claim are asked when it is known who it is, and count apart', async (t) => {
  const who = (consumer: string | null, subject: string, tenant: unknown) => ({
    scheme: 'test',
    subject,
    consumer,
    scopes: [],
    roles: [],
    claims: { realm: { tenant } },
    metadata: {}
  })
  for (const [key, people, expected] of [
    [
      'consumer',
      [who('a', '1', 1), who('b', '1', 1), who('a', '2', 2), null, null],
      [204, 204, 429, 204, 429]
    ],
    ['subject', [who('a', '1', 1), who('b', '1', 1), who('a', '2', 2)], [204, 429, 204]],
    [
      { claim: 'realm.tenant' },
      [who('a', '1', 1), who('b', '2', 1), who('a', '1', 'x'), who('a', '1', {})],
      [204, 429, 204, 204]
    ]
  ] as const) {
    const next = [...people]
    const kit = gatewayKit()
    const gateway = createGateway(
      {
        logger: false,
        accessLog: false,
        routes: [{ path: '/*', respond: { status: 204 }, rateLimit: { limit: 1, window: '1h', key } }]
      },
      kit.seams
    )
    t.after(() => gateway.close())
    // A feature of the user's own that finds out who a request is from.
    gateway.register(async function authentication(app) {
      app.gateway.changes.push({
        name: 'authentication',
        prepare({ steps }) {
          steps.addForAll({
            name: 'authentication',
            phase: 'onRequest',
            place: 'identity',
            run({ exchange }, _reply, done) {
              if (exchange !== null) exchange.identity = (next.shift() ?? null) as Identity | null
              done()
            }
          })
          return undefined
        }
      })
    })
    await gateway.ready()
    const statuses: number[] = []
    for (const _ of people) statuses.push((await gateway.inject('/')).statusCode)
    assert.deepEqual(statuses, expected, JSON.stringify(key))
  }
})

test('explain shows limits that no response tells of', async (t) => {
  const { gateway } = await limited(t, { limit: 1, window: '1h', headers: 'none' })
  const { steps } = await gateway.explain({ method: 'GET', url: '/' })
  assert.ok(steps.includes('onRequest: rate limit default (1 in 3600 s)'), steps.join())
})

test('the simulation knows rate limits', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      logger: false,
      accessLog: false,
      pools: { api: { endpoints: ['http://a.test'] } },
      routes: [{ path: '/*', pool: 'api', rateLimit: { requestsPerSecond: 10, key: { constant: 'all' } } }]
    },
    kit.seams
  )
  t.after(() => gateway.close())
  await gateway.ready()
  const { reasons } = simulate({
    gateway: gateway.app.gateway,
    time: kit.time,
    pool: 'api',
    durationMs: 10_000,
    load: { perSecond: 100 }
  })
  assert.ok((reasons.rate_limited ?? 0) > 800, JSON.stringify(reasons))
})

const configured = (rateLimit: RateLimitConfig): GatewayServerConfig => ({
  logger: false,
  accessLog: false,
  pools: { main: { endpoints: ['http://a.test'] } },
  routes: [{ id: 'all', path: '/*', pool: 'main', rateLimit }]
})

reloadSuite('rate limits', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => configured({ requestsPerSecond: 1_000, burst: 1_000 }),
  changed: () => configured({ requestsPerSecond: 500, burst: 2_000 }),
  off: () => configured(false)
})

test('a native route of an app of its own has a limit too, beside @fastify/rate-limit in either order', async (t) => {
  const upstream = await fakeUpstream(t)
  for (const first of [true, false]) {
    const app = fastify()
    t.after(() => app.close())
    const other = () => app.register(fastifyRateLimit, { global: false })
    if (first) await other()
    await app.register(gatewayPlugin, { pools: { api: { endpoints: [upstream.url] } } })
    if (!first) await other()
    app.get(
      '/native',
      { config: { gateway: { pool: 'api', rateLimit: { limit: 1, window: '1h' } } } },
      app.gateway.forward
    )
    const statuses = [await app.inject('/native'), await app.inject('/native')].map(
      ({ statusCode }) => statusCode
    )
    assert.deepEqual(statuses, [200, 429], `first: ${first}`)
    const [limit] = app.rateLimits.state()
    assert.deepEqual([limit?.keys, limit?.refused], [1, 1])
  }
})
