import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededChance } from '@gatewright/testing'
import { activeResources, until, watchLeaks } from '../support/leaks.js'
import { inFlight } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const REQUESTS = 16_000
const WARM_UP = 6_000
const AT_ONCE = 64
const UPLOAD = Buffer.alloc(8 * 1024, 'u')
const PIECE = Buffer.alloc(16 * 1024, 'p')

/** What an upstream does, by the last segment of the path. */
const UPSTREAM: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  ok: (_request, response) => response.end('{"ok":true}'),
  upload: (incoming, response) => {
    let bytes = 0
    incoming.on('data', (chunk) => (bytes += chunk.length))
    incoming.on('end', () => response.end(String(bytes)))
  },
  stream: (_request, response) => {
    for (let i = 0; i < 4; i++) response.write(PIECE)
    response.end()
  },
  endless: (_request, response) => void response.write(PIECE),
  close: (_request, response) => void response.setHeader('connection', 'close').end('last'),
  reset: (incoming) => void incoming.socket.resetAndDestroy(),
  half: (incoming, response) => {
    response.writeHead(200, { 'content-length': '100000' }).write(PIECE, () => incoming.socket.destroy())
  },
  silent: () => {}
}

interface Sent {
  readonly status: number
  readonly complete: boolean
}

type Scenario = (
  send: (options: RequestOptions, body?: Buffer, leave?: 'at once' | 'later') => Promise<Sent>
) => Promise<void>

const expects =
  (status: number, options: RequestOptions, body?: Buffer): Scenario =>
  async (send) => {
    assert.deepEqual(await send(options, body), { status, complete: true }, options.path ?? '')
  }

const chunked = { 'transfer-encoding': 'chunked' }

/** Every kind of request, and how many of a hundred are of its kind. */
const SCENARIOS: readonly (readonly [share: number, scenario: Scenario])[] = [
  [36, expects(200, { path: '/api/ok' })],
  [6, expects(200, { path: '/api/ok', agent: false })],
  [6, expects(200, { path: '/api/ok', method: 'HEAD' })],
  [
    8,
    expects(
      200,
      { path: '/api/upload', method: 'POST', headers: { 'content-length': UPLOAD.length } },
      UPLOAD
    )
  ],
  [6, expects(200, { path: '/api/upload', method: 'PUT', headers: chunked }, UPLOAD)],
  [6, expects(200, { path: '/api/stream' })],
  [4, expects(200, { path: '/api/close' })],
  [5, expects(404, { path: '/nowhere' })],
  [4, expects(400, { path: '/api/%2e%2e/ok' })],
  [3, expects(413, { path: '/small/upload', method: 'POST', headers: chunked }, UPLOAD)],
  [5, expects(502, { path: '/api/reset' })],
  [1, expects(504, { path: '/hasty/silent' })],
  [2, expects(502, { path: '/gone/ok' })],
  [
    4,
    async (send) => {
      assert.equal((await send({ path: '/api/half' })).complete, false)
    }
  ],
  [
    2,
    async (send) => {
      await send({ path: '/api/silent' }, undefined, 'at once')
    }
  ],
  [
    2,
    async (send) => {
      assert.deepEqual(await send({ path: '/api/endless' }, undefined, 'later'), {
        status: 200,
        complete: false
      })
    }
  ]
]

test(`${REQUESTS} mixed requests leave no socket, no listener, no timer and no memory behind`, {
  timeout: 240_000
}, async (t) => {
  const before = activeResources()
  const leaks = watchLeaks(t)
  const upstreams = await Promise.all([startUpstream(t), startUpstream(t)])
  const urls = upstreams.map(({ url }) => url)
  const started = await startGateway(t, {
    pools: {
      upstream: { endpoints: urls, outlierDetection: false, connections: { keepAlive: '500ms' } },
      gone: { endpoints: ['http://127.0.0.1:1'] }
    },
    routes: [
      { path: '/api/*', pool: 'upstream' },
      { path: '/small/*', pool: 'upstream', bodyLimit: '1KiB' },
      { path: '/hasty/*', pool: 'upstream', timeouts: { firstByte: '20ms' } },
      { path: '/gone/*', pool: 'gone' }
    ],
    server: { halfClosedTimeout: '500ms' }
  })
  let over = 0
  started.gateway.app.gateway.snapshot.stages.exchangeObservers.push({ closed: () => over++ })
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const chance = seededChance(7)
  const deck = SCENARIOS.flatMap(([share, scenario]) => Array<Scenario>(share).fill(scenario))
  assert.equal(deck.length, 100)
  const send = sender(started.port, agent)

  async function run(count: number): Promise<void> {
    let left = count
    const worker = async (): Promise<void> => {
      while (left-- > 0) await (deck[Math.floor(chance() * deck.length)] as Scenario)(send)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  await run(WARM_UP)
  const heapBefore = await heapUsed()
  await run(REQUESTS - WARM_UP)
  await until(() => over === REQUESTS)
  assert.equal(inFlight(started), 0)
  assert.equal(started.gateway.app.gateway.pool('gone').endpoints[0]?.inFlight, 0)
  const grownBytes = (await heapUsed()) - heapBefore
  assert.ok(grownBytes < 1024 * 1024, `the heap has grown by ${grownBytes} bytes`)
  for (const upstream of upstreams)
    assert.ok(upstream.most() <= 2 * AT_ONCE, `${upstream.most()} connections`)

  // Only clients' idle connections and the gateway's own are left, and both go by themselves.
  agent.destroy()
  await until(() => connectionsOf(started.gateway.app.server) === 0)
  for (const { server } of upstreams) await until(() => connectionsOf(server) === 0)
  await until(() => leaks.intervals.size === 0)
  await started.gateway.close()
  await Promise.all(upstreams.map(({ server }) => once(server.close(), 'close')))
  await until(() => isDeepStrictEqual(activeResources(), before))
  assert.deepEqual(leaks.warnings, [])
})

interface Upstream {
  readonly server: Server
  readonly url: string
  /** The most connections there ever were at once. */
  most(): number
}

async function startUpstream(t: TestContext): Promise<Upstream> {
  let most = 0
  const server = createServer((incoming, response) => {
    const act = UPSTREAM[(incoming.url as string).slice(incoming.url?.lastIndexOf('/')).slice(1)]
    act?.(incoming, response)
  })
  server.on('connection', () => {
    most = Math.max(most, connectionsOf(server))
  })
  t.after(() => server.close().closeAllConnections())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, most: () => most }
}

function connectionsOf(server: Server): number {
  return (server as Server & { readonly _connections: number })._connections
}

function sender(port: number, agent: Agent): Parameters<Scenario>[0] {
  return (options, body, leave) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, ...options })
      outgoing.on('error', (error) =>
        leave === 'at once' ? resolve({ status: 0, complete: false }) : reject(error)
      )
      outgoing.on('response', (incoming) => {
        incoming.on('error', () => {})
        incoming.on('close', () =>
          resolve({ status: incoming.statusCode as number, complete: incoming.complete })
        )
        incoming.resume()
        if (leave === 'later') incoming.once('data', () => outgoing.destroy())
      })
      outgoing.end(body)
      if (leave === 'at once') outgoing.on('finish', () => setImmediate(() => outgoing.destroy()))
    })
}

async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 4; i++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}
