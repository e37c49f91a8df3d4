/**
 * A gateway in a process of its own, with everything in it that can go wrong in code: it is started with the URL of an
 * upstream, says its port, and closes when it is told anything.
 */
import { Readable } from 'node:stream'
import {
  type BalancingPolicy,
  createGateway,
  type GatewayServerConfig,
  type RouteConfig,
  type RouteHooks
} from '@gatewright/gateway'
import type { FastifyInstance } from 'fastify'

/** What the parent is told first. */
export interface Started {
  readonly port: number
  /** Paths of routes where something goes wrong before or after an answer. */
  readonly paths: readonly string[]
}

/** What the parent is told last. */
export interface Closing {
  /** Attempts that have not ended. */
  readonly inFlight: number
}

const [upstream = ''] = process.argv.slice(2)

const fail = (..._done: unknown[]): never => {
  throw new Error('thrown on purpose')
}
const failLater = async (..._done: unknown[]): Promise<never> => fail()

const HOOKS: Record<string, RouteHooks> = {
  '/on-request-throws': { onRequest: fail },
  '/on-request-rejects': { onRequest: failLater },
  '/on-request-rejects-with-nothing': { onRequest: () => Promise.reject() },
  '/on-request-rejects-with-text': { onRequest: () => Promise.reject('text') },
  '/on-request-answers-and-throws': { onRequest: (_request, reply) => fail(void reply.send('answered')) },
  '/on-request-answers-and-rejects': {
    onRequest: async (_request, reply) => failLater(void reply.send('answered'))
  },
  '/on-request-answers-and-goes-on': {
    onRequest: (_request, reply, done) => done(void reply.send('answered'))
  },
  '/on-request-is-done-twice': { onRequest: (_request, _reply, done) => done(void done()) },
  '/on-request-sets-a-bad-header': {
    onRequest: async (_request, reply) => void reply.header('x-bad', 'a\r\nb')
  },
  '/on-request-sets-a-bad-name': { onRequest: async (_request, reply) => void reply.header('b ad', 'a') },
  '/pre-handler-throws': { preHandler: fail },
  '/pre-handler-rejects': { preHandler: failLater },
  '/pre-handler-buffers': { preHandler: async ({ exchange }) => void (await exchange?.buffer(8)) },
  '/pre-handler-reads-json': { preHandler: async ({ exchange }) => void (await exchange?.json()) },
  '/pre-handler-adds-a-bad-header': {
    preHandler: async ({ exchange }) => exchange?.forwardHeader('x', '\r\n')
  },
  '/on-send-throws': { onSend: fail },
  '/on-send-rejects': { onSend: failLater },
  '/on-send-gives-a-broken-stream': { onSend: async () => new Readable({ read: fail }) },
  '/on-send-gives-a-destroyed-stream': { onSend: async () => new Readable().destroy() },
  '/on-send-sets-a-bad-header': {
    onSend: async (_request, reply) => void reply.header('x-bad', 'a\r\nb')
  },
  '/on-send-calls-back-with-a-bad-header': {
    onSend(_request, reply, payload, done) {
      reply.header('x-bad', '\n')
      done(null, payload)
    }
  },
  '/on-response-throws': { onResponse: fail },
  '/on-response-rejects': { onResponse: failLater }
}

const policy = (broken: Partial<BalancingPolicy>): BalancingPolicy => ({
  pick: ([first]) => first,
  ...broken
})

const POLICIES: Record<string, BalancingPolicy> = {
  '/pick-throws': policy({ pick: fail }),
  '/pick-gives-nothing': policy({ pick: () => undefined as never }),
  '/started-throws': policy({ started: fail }),
  '/ended-throws': policy({ ended: fail })
}

const HANDLERS: Record<string, NonNullable<RouteConfig['handler']>> = {
  '/handler-throws': fail,
  '/handler-rejects': failLater,
  '/handler-answers-and-throws': (_request, reply) => fail(void reply.send('answered')),
  '/handler-answers-and-rejects': async (_request, reply) => failLater(void reply.send('answered')),
  '/handler-sets-a-bad-header': (_request, reply) => reply.header('x-bad', 'a\r\nb').send('answered'),
  '/handler-sets-a-bad-header-later': async (_request, reply) =>
    reply.header('x-bad', 'a\r\nb').send('answered'),
  '/handler-answers-twice': (_request, reply) => void reply.send('one').send('two'),
  '/handler-sends-a-broken-stream': (_request, reply) => void reply.send(new Readable({ read: fail })),
  '/handler-rejects-with-text': () => Promise.reject('text')
}

// Everything that is told of attempts and exchanges fails every time.
async function observers(app: FastifyInstance): Promise<void> {
  const { stages } = app.gateway
  stages.observers.push({ started: fail, ended: fail })
  stages.exchangeObservers.unshift({ closed: fail })
  stages.retry = { decide: fail }
  app.route({
    method: 'GET',
    url: '/error-handler-throws',
    config: { gateway: { pool: 'upstream' } },
    onRequest: failLater,
    errorHandler: fail,
    handler: app.gateway.forward
  })
  app.get('/native-handler-throws', fail)
  app.addHook('onRequestAbort', async (_request) => fail())
  app.addHook('onError', failLater)
}

const config: GatewayServerConfig = {
  logger: false,
  accessLog: false,
  shutdown: { signals: false, drain: '0ms' },
  server: { headersTimeout: '500ms', requestTimeout: '1s' },
  pools: {
    upstream: {
      endpoints: [upstream],
      timeouts: { firstByte: '150ms', idle: '150ms', requestIdle: '150ms' },
      connections: { max: 16 }
    },
    ...Object.fromEntries(
      Object.entries(POLICIES).map(([path, balancing]) => [path, { endpoints: [upstream], balancing }])
    )
  },
  routes: [
    ...Object.entries(HOOKS).map(([path, hooks]): RouteConfig => ({ path, pool: 'upstream', hooks })),
    ...Object.keys(POLICIES).map((path): RouteConfig => ({ path, pool: path })),
    ...Object.entries(HANDLERS).map(([path, handler]): RouteConfig => ({ path, handler })),
    {
      path: '/bad-rewrite',
      pool: 'upstream',
      rewrite: { regex: { pattern: '^/bad-rewrite', replacement: '/../x' } }
    },
    { path: '/small-body', pool: 'upstream', bodyLimit: '8B' },
    { path: '/*', pool: 'upstream' }
  ]
}

const gateway = createGateway(config).register(observers)

const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
const paths = [
  ...Object.keys({ ...HOOKS, ...POLICIES, ...HANDLERS }),
  ...['/bad-rewrite', '/small-body', '/error-handler-throws', '/native-handler-throws', '/a/../b', '/%zz']
]
process.send?.({ port: Number(new URL(url).port), paths } satisfies Started)

process.once('message', async () => {
  const { pools } = gateway.app.gateway.snapshot
  const endpoints = [...pools.values()].flatMap((pool) => pool.endpoints)
  const inFlight = endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0)
  process.send?.({ inFlight } satisfies Closing)
  await gateway.close()
  process.disconnect()
})
