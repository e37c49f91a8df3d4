import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import gatewayPlugin, { type AccessLogLine, type RouteHooks } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { type RecordedGateway, recordedGateway } from '../support/recorded-gateway.js'

const bounded = { timeout: 20_000 }
const OF_ROUTE = "a hook or handler of route 'GET /x'"
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/

function fail(): never {
  throw new TypeError('a bug of mine')
}

async function failLate(): Promise<never> {
  return fail()
}

type Told = Pick<RecordedGateway, 'lines' | 'logged' | 'line' | 'metric' | 'gateway' | 'url'>

// The client's id is that of every record, and by it the cause is found in both logs and in the story.
async function assertOneId({ url, line, logged, gateway }: Told, path: string): Promise<AccessLogLine> {
  const response = await fetch(url + path)
  const body = (await response.json()) as Record<string, unknown>
  const id = response.headers.get('x-request-id') ?? ''
  assert.match(id, UUID)
  assert.equal(response.status, 500)
  assert.equal(response.headers.get('x-gw-reason'), 'internal_error')
  assert.equal(body.requestId, id)
  const told = await line(1)
  assert.deepEqual([told.request_id, told.status, told.reason], [id, 500, 'internal_error'])
  assert.match(told.detail ?? '', /TypeError: a bug of mine$/)
  const causes = logged.filter(({ err }) => err !== undefined)
  assert.deepEqual(
    causes.map(({ request_id, err }) => [request_id, (err as Error).message]),
    [[id, 'a bug of mine']]
  )
  assert.match(gateway.why(id), /internal_error.*TypeError: a bug of mine/s)
  return told
}

for (const phase of ['onRequest', 'preHandler', 'onSend'] as const)
  for (const [kind, hook] of Object.entries({ throws: fail, rejects: failLate }))
    test(`a hook of ${phase} that ${kind} is found by one id everywhere`, bounded, async (t) => {
      const upstream = await fakeUpstream(t)
      const records = await recordedGateway(t, {
        reasonHeader: true,
        pools: { app: { endpoints: [upstream.url] } },
        routes: [{ id: 'all', path: '/*', pool: 'app', hooks: { [phase]: hook } as RouteHooks }]
      })
      const { route } = await assertOneId(records, '/x')
      assert.equal(route, 'all')
      assert.equal(
        await records.metric('proxy_request_reasons_total{route="all",reason="internal_error"}'),
        1
      )
    })

for (const [kind, handler] of Object.entries({ throws: fail, rejects: failLate })) {
  test(`a handler of the table that ${kind} is found by one id everywhere`, bounded, async (t) => {
    await assertOneId(
      await recordedGateway(t, { reasonHeader: true, routes: [{ path: '/*', handler }] }),
      '/x'
    )
  })

  test(`a handler of a native route that ${kind} is found by one id everywhere`, bounded, async (t) => {
    const pools = { app: { endpoints: ['http://127.0.0.1:9'] } }
    const records = await recordedGateway(t, { reasonHeader: true, pools }, ({ app }) => {
      app.register(async (scope) => {
        scope.get('/x', { config: { gateway: { pool: 'app' } } }, handler)
      })
    })
    await assertOneId(records, '/x')
  })

  test(
    `a hook of a plugin, before those of the gateway, that ${kind} is found by one id everywhere`,
    bounded,
    async (t) => {
      const addHook = async (app: FastifyInstance): Promise<void> => {
        app.addHook('onRequest', handler as () => Promise<void>)
      }
      // Not encapsulated, as fastify-plugin makes it.
      const plugin = Object.assign(addHook, { [Symbol.for('skip-override')]: true })
      const records = await recordedGateway(
        t,
        { reasonHeader: true, routes: [{ path: '/*', respond: { status: 200 } }] },
        (gateway) => void gateway.register(plugin)
      )
      await assertOneId(records, '/x')
      assert.equal(records.gateway.app.gateway.inFlight, 0)
    }
  )
}

test(
  'what a hook refuses by an error of its own has its text in the record, and no reason',
  bounded,
  async (t) => {
    const { url, line } = await recordedGateway(t, {
      reasonHeader: true,
      routes: [
        {
          path: '/*',
          respond: { status: 200 },
          hooks: {
            onRequest: async () => {
              throw Object.assign(new Error('the token has expired'), { statusCode: 401 })
            }
          }
        }
      ]
    })
    const response = await fetch(url)
    const id = response.headers.get('x-request-id')
    const { status, reason, detail, request_id } = await line(1)
    assert.deepEqual([response.status, status, reason, request_id], [401, 401, null, id])
    assert.match(detail ?? '', /Error: the token has expired$/)
    assert.equal(response.headers.get('x-gw-reason'), null)
  }
)

test(
  "lines that a hook writes by request.log have the client's id, a trusted one's own",
  bounded,
  async (t) => {
    const { url, logged } = await recordedGateway(t, {
      trustedProxies: ['127.0.0.1'],
      routes: [
        {
          path: '/*',
          respond: { status: 200 },
          hooks: { onRequest: async (request) => request.log.info({ id: request.id }, 'seen') }
        }
      ]
    })
    const given: (string | null)[] = []
    for (const headers of [{}, { 'x-request-id': 'of-my-own' }, { 'x-request-id': 'not one' }] as Record<
      string,
      string
    >[])
      given.push((await fetch(url, { headers })).headers.get('x-request-id'))
    const seen = logged.filter(({ msg }) => msg === 'seen')
    for (const name of ['request_id', 'id'])
      assert.deepEqual(
        seen.map((line) => line[name]),
        given
      )
    assert.equal(given[1], 'of-my-own')
    for (const id of [given[0], given[2]]) assert.match(id ?? '', UUID)
  }
)

interface Embedded {
  readonly app: FastifyInstance
  readonly lines: AccessLogLine[]
  readonly logged: Record<string, unknown>[]
}

async function embedded(t: TestContext, options: FastifyServerOptions = {}): Promise<Embedded> {
  const lines: AccessLogLine[] = []
  const logged: Record<string, unknown>[] = []
  const stream = { write: (line: string) => void logged.push(JSON.parse(line)) }
  const app: FastifyInstance = Fastify({ logger: { stream }, ...options } as object)
  t.after(() => app.close())
  await app.register(gatewayPlugin, {
    reasonHeader: true,
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    pools: { app: { endpoints: ['http://127.0.0.1:9'] } }
  })
  app.get('/x', { config: { gateway: { pool: 'app' } } }, failLate)
  return { app, lines, logged }
}

test(
  'as a plugin, the app’s own error answer has the id and the reason of the record, and its log the same id',
  bounded,
  async (t) => {
    const { app, lines, logged } = await embedded(t)
    const response = await app.inject('/x')
    const [line] = lines
    const id = response.headers['x-request-id']
    assert.match(String(id), UUID)
    assert.deepEqual(
      [response.statusCode, response.json().message, response.headers['x-gw-reason']],
      [500, 'a bug of mine', 'internal_error']
    )
    assert.deepEqual(
      [line?.request_id, line?.status, line?.reason, line?.detail],
      [id, 500, 'internal_error', `${OF_ROUTE} threw TypeError: a bug of mine`]
    )
    assert.deepEqual(
      logged.filter(({ err }) => err !== undefined).map(({ reqId }) => reqId),
      [id]
    )
  }
)

test('as a plugin in an app with request ids of its own, those are the gateway’s too', bounded, async (t) => {
  let last = 0
  const { app, lines, logged } = await embedded(t, { genReqId: () => `mine:${++last}` })
  assert.equal((await app.inject('/x')).headers['x-request-id'], 'mine:1')
  assert.equal(lines[0]?.request_id, 'mine:1')
  assert.equal(logged.find(({ err }) => err !== undefined)?.reqId, 'mine:1')
})

test('as a plugin, what the app’s error handler makes a client’s error has no reason', bounded, async (t) => {
  const { app, lines } = await embedded(t)
  app.setErrorHandler((_error, _request, reply) => reply.code(404).send({ mine: true }))
  const response = await app.inject('/x')
  assert.deepEqual([response.statusCode, response.headers['x-gw-reason']], [404, undefined])
  assert.deepEqual(
    [lines[0]?.status, lines[0]?.reason, lines[0]?.detail],
    [404, null, `${OF_ROUTE} threw TypeError: a bug of mine`]
  )
})
