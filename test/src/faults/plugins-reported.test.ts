import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayConfig, type GatewayServerConfig, gateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { type FastifyInstance, fastify } from 'fastify'
import { until } from '../support/leaks.js'

const bounded = { timeout: 20_000 }

interface Line {
  readonly level: string
  readonly msg: string
  readonly request_id?: string
  readonly more?: number
}

interface Told {
  readonly url: string
  readonly app: FastifyInstance
  readonly log: readonly Line[]
  /** Lines of the access log. */
  readonly requests: readonly { readonly status: number; readonly detail?: string }[]
  ask(id: string): Promise<number>
}

type Add = (app: FastifyInstance) => void

/** Starts a gateway in one of its forms, its logs kept. */
type Form = (t: TestContext, config: GatewayConfig, add?: Add) => Promise<Told>

const LEVELS: Readonly<Record<string, string>> = { 40: 'warn', 50: 'error' }

function logs(): { readonly log: Line[]; readonly stream: { write(text: string): void } } {
  const log: Line[] = []
  const write = (text: string): void => {
    const line = JSON.parse(text)
    // Pino's own levels are numbers.
    log.push({ ...line, level: LEVELS[line.level] ?? line.level })
  }
  return { log, stream: { write } }
}

function settings(config: GatewayConfig): {
  readonly requests: { status: number }[]
  readonly all: GatewayConfig
} {
  const requests: { status: number }[] = []
  const sink = { write: (line: string) => void requests.push(JSON.parse(line)) }
  const all: GatewayConfig = {
    accessLog: { destination: sink },
    flightRecorder: true,
    trustedProxies: ['127.0.0.1'],
    routes: [{ id: 'api', path: '/*', pool: 'api' }],
    ...config
  }
  return { requests, all }
}

async function asked(url: string, id: string): Promise<number> {
  const answer = await fetch(url, { headers: { 'x-request-id': id } })
  await answer.text()
  return answer.status
}

const ownServer: Form = async (t, config, add = () => {}) => {
  const { log, stream } = logs()
  const { requests, all } = settings(config)
  const server = createGateway({
    ...(all as GatewayServerConfig),
    logger: { level: 'warn', stream },
    shutdown: { signals: false, wait: '0ms', drain: '0ms' }
  }).register(async (app) => add(app))
  t.after(() => server.close())
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  return { url, app: server.app, log, requests, ask: (id) => asked(url, id) }
}

const plugin: Form = async (t, config, add = () => {}) => {
  const { log, stream } = logs()
  const { requests, all } = settings(config)
  const app = fastify({ logger: { level: 'warn', stream } })
  t.after(() => app.close())
  await app.register(gateway, all)
  add(app)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, app, log, requests, ask: (id) => asked(url, id) }
}

const oops = (): never => {
  throw new RangeError('oops')
}

class Mine {
  closed = oops
}

const PARTS: readonly (readonly [string, Add, string])[] = [
  [
    'an observer of attempts',
    ({ gateway: { stages } }) => void stages.observers.push({ ended: oops }),
    'an observer of attempts threw RangeError: oops'
  ],
  [
    'an observer of exchanges',
    ({ gateway: { stages } }) => void stages.exchangeObservers.unshift(new Mine()),
    "an observer of exchanges 'Mine' threw RangeError: oops"
  ],
  [
    'the retry policy',
    ({ gateway: { stages } }) => void Object.assign(stages, { retry: { decide: oops } }),
    'the retry policy threw RangeError: oops'
  ]
]

for (const [form, start] of [
  ['server', ownServer],
  ['plugin', plugin]
] as const) {
  for (const [what, add, text] of PARTS)
    test(
      `${form}: ${what} that throws costs no answer, and is named in the log, the access log and why()`,
      bounded,
      async (t) => {
        const upstream = await fakeUpstream(t, {})
        const { app, log, requests, ask } = await start(
          t,
          { pools: { api: { endpoints: [upstream.url] } } },
          add
        )
        for (let n = 0; n < 50; n++) assert.equal(await ask(`r-${n}`), 200)
        await until(() => requests.length === 50)
        assert.deepEqual(
          log.map(({ level, msg, request_id }) => [level, msg, request_id]),
          [['error', text, 'r-0']]
        )
        assert.ok(requests.every(({ detail }) => detail === text))
        assert.ok(app.flightRecorder.why('r-49').includes(text))
      }
    )

  test(`${form}: a listener of events that throws is named with the event`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, {})
    const { app, log } = await start(t, { pools: { api: { endpoints: [upstream.url] } } }, (own) => {
      own.gateway.events.on('pool_endpoints', function count() {
        oops()
      })
    })
    const pool = app.gateway.pool('api')
    for (let n = 0; n < 20; n++) pool.replaceEndpoints([`${upstream.url}/${n}`])
    assert.deepEqual(
      log.map(({ msg }) => msg),
      ["a listener of 'pool_endpoints' 'count' threw RangeError: oops"]
    )
  })

  test(`${form}: a discovery that fails is named with its pool and its source`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, {})
    const { log } = await start(t, {
      pools: {
        api: {
          endpoints: [upstream.url],
          discovery: {
            source: async function* () {
              yield [upstream.url]
              oops()
            }
          }
        }
      }
    })
    await until(() => log.length > 0)
    assert.deepEqual(
      log.map(({ level, msg }) => [level, msg]),
      [['warn', "the discovery of pool 'api' by a source of its own has failed: RangeError: oops"]]
    )
  })

  test(`${form}: a health check that throws is named, once a minute`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, {})
    let checks = 0
    const { log } = await start(t, {
      pools: {
        api: {
          endpoints: [upstream.url],
          health: {
            interval: '10ms',
            check: async () => {
              checks++
              return oops()
            }
          }
        }
      }
    })
    await until(() => checks > 3)
    assert.deepEqual(
      log.filter(({ msg }) => msg.includes('health check')).map(({ level, msg }) => [level, msg]),
      [['warn', "the health check of pool 'api' threw RangeError: oops"]]
    )
  })

  test(`${form}: a broken balancing policy fails every request and writes one line`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, {})
    const { log, requests, ask } = await start(t, {
      pools: { api: { endpoints: [upstream.url], balancing: { name: 'mine', pick: oops } } }
    })
    const text = "the balancing policy 'mine' of pool 'api' threw RangeError: oops"
    for (let n = 0; n < 50; n++) assert.equal(await ask(`r-${n}`), 500)
    await until(() => requests.length === 50)
    assert.deepEqual(
      log.map(({ msg }) => msg),
      [text]
    )
    assert.ok(requests.every(({ detail }) => detail === text))
  })

  test(`${form}: a fallback handler that throws is told from the route's own`, bounded, async (t) => {
    const { requests, ask, log } = await start(t, {
      pools: { api: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [
        {
          id: 'api',
          path: '/*',
          pool: 'api',
          fallback: { on: ['upstream_connect_failed'], handler: oops }
        }
      ]
    })
    assert.equal(await ask('r-1'), 500)
    await until(() => requests.length === 1)
    assert.equal(requests[0]?.detail, "the fallback of route 'api' threw RangeError: oops")
    assert.equal(log.length, 1)
  })
}

test('how often a part has gone on is told when the app closes', bounded, async (t) => {
  const upstream = await fakeUpstream(t, {})
  const { app, log, ask } = await plugin(t, {
    pools: { api: { endpoints: [upstream.url], balancing: { name: 'mine', pick: oops } } }
  })
  for (let n = 0; n < 5; n++) await ask(`r-${n}`)
  await app.close()
  assert.deepEqual(
    log.map(({ msg, more }) => [msg, more]),
    [
      ["the balancing policy 'mine' of pool 'api' threw RangeError: oops", undefined],
      ["the balancing policy 'mine' of pool 'api' has gone on so", 4]
    ]
  )
})

test(
  'a policy added by balancer() is named by the name it was added by, and its picks are checked',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, {})
    for (const [pick, did] of [
      [oops, 'threw RangeError: oops'],
      [() => undefined, 'returned undefined instead of one of the candidates']
    ] as const) {
      const { log, stream } = logs()
      const server = createGateway({ logger: { level: 'warn', stream }, accessLog: false })
        .balancer({ name: 'nearest', create: () => ({ pick: pick as never }) })
        .pool('api', { endpoints: [upstream.url], balancing: 'nearest' })
        .route('/*', { pool: 'api' })
      t.after(() => server.close())
      assert.equal((await server.inject('/')).statusCode, 500)
      assert.deepEqual(
        log.map(({ msg }) => msg),
        [`the balancing policy 'nearest' of pool 'api' ${did}`]
      )
    }
  }
)

test('a policy added by balancer() picks among the candidates only', bounded, async (t) => {
  const upstream = await fakeUpstream(t, {})
  const server = createGateway({ logger: false, accessLog: false })
    .balancer({
      name: 'stubborn',
      create: () => {
        let known: unknown
        return {
          pick([first]) {
            known ??= first
            return known as typeof first
          }
        }
      }
    })
    .pool('api', { endpoints: [upstream.url, `${upstream.url}/other`], balancing: 'stubborn' })
    .route('/*', { pool: 'api' })
  t.after(() => server.close())
  assert.equal((await server.inject('/')).statusCode, 200)
  server.app.gateway.pool('api').drain(upstream.url)
  assert.equal((await server.inject('/')).statusCode, 500)
  assert.equal(upstream.requests.length, 1)
})

test('a policy added by balancer() that cannot be made stops the start, by name', bounded, async (t) => {
  for (const [create, problem] of [
    [oops, "pools.api.balancing: create of 'nearest' threw RangeError: oops"],
    [() => undefined as never, "pools.api.balancing: create of 'nearest' must return an object with 'pick'"]
  ] as const) {
    const server = createGateway({ logger: false, accessLog: false })
      .balancer({ name: 'nearest', create })
      .pool('api', { endpoints: ['http://127.0.0.1:1'], balancing: 'nearest' })
      .route('/*', { pool: 'api' })
    t.after(() => server.close())
    await assert.rejects(server.ready(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'GW_CONFIG_INVALID')
      assert.ok(error.message.includes(problem), error.message)
      return true
    })
  }
})
