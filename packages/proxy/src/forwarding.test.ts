import assert from 'node:assert/strict'
import { PassThrough, type Readable } from 'node:stream'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  type Admission,
  type AttemptRecord,
  type Exchange,
  Gateway,
  GatewayError,
  type Pool,
  type ResponseReceiver,
  type Route,
  type RouteConfig,
  type Stages,
  type UpstreamConnection,
  type UpstreamRequest
} from '@gatewright/core'
import { type FakeExchangeOptions, fakeExchange } from '@gatewright/testing'
import fastify, { type FastifyReply } from 'fastify'
import { Connections } from './connections.js'
import { Forwarding } from './forwarding.js'
import { KnownFields } from './known-fields.js'
import { ReadBuffers } from './read-buffers.js'
import { StallMeter } from './stall-meter.js'
import { TimerWheel } from './timer-wheel.js'

/** A connection that does what the test says. */
class Upstream implements UpstreamConnection {
  readonly host: string
  readonly calls: string[] = []
  /** Whether it begins to send at once, as an open connection does. */
  sends = true
  request: UpstreamRequest | null = null
  receiver: ResponseReceiver | null = null

  constructor(host: string) {
    this.host = host
  }
  begin(request: UpstreamRequest, receiver: ResponseReceiver): void {
    this.request = request
    this.receiver = receiver
    if (this.sends) receiver.sending()
  }
  resume(): void {
    this.calls.push('resume')
  }
  abort(): void {
    this.calls.push('abort')
    this.receiver?.failed(new Error('aborted'))
  }
  async destroy(): Promise<void> {}

  head(status: number, fields: Record<string, string> = {}): void {
    const raw = Object.entries({ 'content-type': 'text/plain', ...fields }).flat()
    this.receiver?.began()
    this.receiver?.head(
      status,
      raw.map((text) => Buffer.from(text)),
      ''
    )
  }
  data(text: string): void {
    this.receiver?.data(Buffer.from(text))
  }
  end(): void {
    this.receiver?.end([], true)
  }
  respond(status: number, text = ''): void {
    this.head(status)
    if (text !== '') this.data(text)
    this.end()
  }
  reset(): void {
    this.receiver?.failed(Object.assign(new Error('read'), { code: 'ECONNRESET' }))
  }
}

interface Given {
  readonly route?: Partial<RouteConfig>
  readonly stages?: Partial<Stages>
  readonly request?: FakeExchangeOptions
  readonly connections?: object
  /** Whether limits have admitted the request to its pool. */
  readonly admitted?: boolean
  /** The client's own limit of time, in milliseconds. */
  readonly timeoutMs?: number
  /** Whether new connections are made at once. Default true. */
  readonly connects?: boolean
}

function setUp({
  route: more = {},
  stages = {},
  request,
  connections = {},
  admitted = true,
  timeoutMs = 0,
  connects = true
}: Given = {}) {
  let now = 10_000
  const clock = (): number => now
  const timers = { after: () => () => {}, every: () => () => {} }
  const gateway = new Gateway({
    config: {
      pools: {
        p: { endpoints: ['http://a.test', 'http://b.test'], connections },
        q: { endpoints: ['http://q.test'] }
      },
      routes: [{ id: 'r', path: '/*', pool: 'p', ...more } as RouteConfig]
    },
    clock,
    chance: () => 0,
    timers
  })
  gateway.router = () => ({ find: () => null, allowed: () => [], explain: () => [] })
  Object.assign(gateway.stages, stages)
  const snapshot = gateway.compile()
  const route = Object.create(snapshot.routes[0] as Route, { keepBody: { value: 1_024 } }) as Route
  const pool = route.pool as Pool
  const wheel = new TimerWheel(clock, timers, new StallMeter(Number.POSITIVE_INFINITY))
  const upstreams: Upstream[] = []
  const all = new Map<unknown, Connections>()
  const context = {
    wheel,
    now: clock,
    fields: new KnownFields(),
    buffers: new ReadBuffers(),
    connectionsOf(endpoint: { host: string }, { settings }: Pool): Connections {
      const made = new Connections(
        settings,
        () => {
          upstreams.push(Object.assign(new Upstream(endpoint.host), { sends: connects }))
          return upstreams.at(-1) as Upstream
        },
        wheel
      )
      if (!all.has(endpoint)) all.set(endpoint, made)
      return all.get(endpoint) as Connections
    },
    draining: false,
    isDraining: () => context.draining,
    report: (fault: unknown) => assert.fail(String(fault))
  }
  const exchange = fakeExchange({ ...request, snapshot, pool, startedAt: now })
  exchange.route = route
  Object.assign(exchange.ingress, { timeoutMs })
  exchange.admittedTo = admitted ? pool : null
  const done: number[] = []
  const forwarding = new Forwarding(context, exchange, route, pool, (_error, { statusCode, body }) => {
    assert.equal(body, forwarding)
    done.push(statusCode)
  })
  return {
    forwarding,
    exchange,
    upstreams,
    done,
    wheel,
    context,
    pool,
    snapshot,
    connections: all,
    upstream: (n = 0): Upstream => upstreams[n] as Upstream,
    hosts: () => upstreams.map(({ host }) => host),
    advance(ms: number): void {
      for (const end = now + ms; now < end; ) {
        now += Math.min(10, end - now)
        wheel.advance()
      }
    }
  }
}

async function textOf(request: UpstreamRequest | null): Promise<string> {
  const { body } = request as UpstreamRequest
  return Buffer.concat(await (body as Readable).toArray()).toString()
}

type Scene = ReturnType<typeof setUp>

/** A scene whose request has begun. */
function begun(given: Given = {}): Scene {
  const scene = setUp(given)
  scene.forwarding.start()
  return scene
}

/** What the client gets of a forwarding. */
async function clientGets(
  { forwarding, exchange }: Scene,
  before: (reply: FastifyReply) => void = () => {},
  status = 200
) {
  const app = fastify()
  app.get('/', (_request, reply) => {
    Object.assign(exchange, { response: reply.raw })
    before(reply.code(status))
    forwarding.respond(reply)
  })
  return app.inject('/')
}

/** A retry policy that tries what the test says. */
const retrying = (decide: (attempt: AttemptRecord) => number | null): Partial<Stages> => ({
  retry: { decide }
})

/** An admission that answers what the test says, when it is asked for a request that goes to another pool. */
function admitting(refusal?: Error | (() => never)) {
  const asked: string[] = []
  const admission: Admission = {
    name: 'test',
    admit() {},
    moved({ pool }, done) {
      asked.push(pool?.id as string)
      if (typeof refusal === 'function') refusal()
      done(refusal as GatewayError | undefined)
    }
  }
  return { asked, stages: { admissions: [admission] } }
}

test('a request is sent, and its response is given to the client', async () => {
  const scene = begun()
  const { done, upstream, exchange } = scene
  assert.deepEqual([scene.hosts(), done, upstream().request?.path], [['a.test'], [], '/'])
  upstream().respond(203, 'hello')
  assert.deepEqual([done, exchange.reason, exchange.attempts[0]?.failure], [[203], null, null])
  const { statusCode, body, headers } = await clientGets(scene, () => {}, 203)
  assert.deepEqual([statusCode, body, headers['content-type']], [203, 'hello', 'text/plain'])
  assert.equal(scene.wheel.size, 0)
})

test('a body that is declared longer than the route takes is refused, and no attempt begins', async () => {
  for (const [length, refused] of [
    ['6', true],
    ['5', false]
  ] as const) {
    const scene = begun({
      route: { bodyLimit: '5B' },
      request: { method: 'PUT', headers: { 'content-length': length } }
    })
    assert.deepEqual([scene.done, scene.upstreams.length], refused ? [[413], 0] : [[], 1])
    assert.equal(scene.exchange.reason, refused ? 'body_too_large' : null)
  }
})

test('a body that a hook has read is measured by what it has read', () => {
  const scene = setUp({
    route: { bodyLimit: '5B' },
    request: { method: 'PUT', headers: { 'content-length': '2' } }
  })
  scene.exchange.body = Buffer.from('123456')
  scene.forwarding.start()
  assert.deepEqual([scene.done, scene.exchange.detail], [[413], 'more than 5 bytes'])
})

test('what fails is an error, with its reason noted', async () => {
  const scene = begun()
  scene.upstream().reset()
  assert.deepEqual([scene.done, scene.exchange.reason], [[502], 'upstream_reset'])
  assert.equal((await clientGets(scene)).statusCode, 502)
})

test('a response that is to be tried again is discarded, and nothing of it is given to the client', async () => {
  const asked: number[] = []
  const scene = begun({
    stages: retrying(({ status }) => {
      asked.push(status)
      return status === 503 ? 50 : null
    })
  })
  scene.upstream().head(503)
  scene.upstream().data('broken')
  assert.deepEqual(
    [scene.done, scene.upstreams.length, scene.exchange.attempts[0]?.superseded],
    [[], 1, true]
  )
  scene.advance(49)
  assert.equal(scene.upstreams.length, 1)
  scene.advance(20)
  assert.equal(scene.upstreams.length, 2)
  scene.upstream(1).respond(200, 'fine')
  assert.deepEqual([scene.done, asked], [[200], [503, 200]])
  assert.equal((await clientGets(scene)).body, 'fine')
})

test('once the response has begun, what breaks off is not tried again: the connection of the client is cut', async () => {
  let asked = 0
  const scene = begun({
    stages: retrying(({ failure }) => {
      if (failure !== null) asked++
      return null
    })
  })
  scene.upstream().head(200)
  scene.upstream().data('half')
  await setImmediate()
  assert.deepEqual(scene.done, [200])
  let response: { destroyed: boolean } | null = null
  await assert.rejects(
    clientGets(scene, (reply) => {
      response = reply.raw
      setImmediate(0).then(() => scene.upstream().reset())
    })
  )
  assert.equal((response as { destroyed: boolean } | null)?.destroyed, true)
  assert.deepEqual([asked, scene.exchange.reason, scene.done], [0, 'upstream_reset', [200]])
})

test('a client that leaves ends the attempt, and hears nothing more', () => {
  const scene = begun()
  scene.forwarding.clientGone()
  assert.deepEqual(
    [scene.upstream().calls, scene.done, scene.exchange.reason],
    [['abort'], [], 'client_closed']
  )
  scene.forwarding.destroy()
  assert.equal(scene.exchange.attempts.length, 1)
})

test('a client that leaves when all is over changes nothing', () => {
  const scene = begun()
  scene.upstream().respond(200)
  scene.forwarding.clientGone()
  assert.equal(scene.exchange.reason, null)
})

test('limits that have not been asked for this pool are asked before anything is sent', () => {
  const { asked, stages } = admitting()
  begun({ stages })
  assert.deepEqual(asked, [])
  const scene = begun({ stages, admitted: false })
  assert.deepEqual([asked, scene.upstreams.length], [['p'], 1])
})

test('what the limits refuse is an error, and so is what they throw', () => {
  for (const [refusal, reason] of [
    [new GatewayError('request_rejected'), 'request_rejected'],
    [new Error('broken'), 'internal_error'],
    [
      (): never => {
        throw new Error('broken')
      },
      'internal_error'
    ]
  ] as const) {
    const scene = begun({ ...admitting(refusal), admitted: false })
    assert.deepEqual([scene.exchange.reason, scene.upstreams.length, scene.done.length], [reason, 0, 1])
  }
})

test('a decision of the limits that comes when the client has left is not followed', () => {
  let decide: (refusal?: GatewayError) => void = () => {}
  const later: Admission['admit'] = (_exchange, done) => {
    decide = done
  }
  const admissions: Admission[] = [{ name: 'slow', admit() {}, moved: later }]
  const scene = begun({ stages: { admissions }, admitted: false })
  scene.forwarding.clientGone()
  decide()
  assert.equal(scene.upstreams.length, 0)
  decide(new GatewayError('request_rejected'))
  assert.deepEqual([scene.exchange.reason, scene.done], ['client_closed', []])
})

const FALLBACK = { fallback: { on: ['upstream_reset'], pool: 'q' } } as Partial<RouteConfig>

test('what fails goes on to the pool of the fallback, which its limits are asked for, and no further', async () => {
  const { asked, stages } = admitting()
  const scene = begun({ route: FALLBACK, stages })
  scene.upstream().reset()
  assert.deepEqual([scene.hosts(), scene.done, asked], [['a.test', 'q.test'], [], ['q']])
  assert.deepEqual([scene.exchange.pool?.id, scene.exchange.fallback], ['q', 'upstream_reset'])
  scene.upstream(1).reset()
  assert.deepEqual([scene.hosts().length, scene.done, scene.exchange.reason], [2, [502], 'upstream_reset'])
})

test('a response that has begun is not given up for a fallback', async () => {
  const scene = begun({ route: FALLBACK })
  scene.upstream().head(200)
  scene.upstream().data('half')
  await setImmediate()
  scene.upstream().reset()
  assert.deepEqual(
    [scene.hosts(), scene.exchange.fallback, scene.exchange.reason],
    [['a.test'], null, 'upstream_reset']
  )
})

test('what the fallback answers itself is given in place of the error', async () => {
  const fallback = { on: ['upstream_reset'], respond: { status: 203, body: 'later' } }
  const scene = begun({ route: { fallback } as Partial<RouteConfig> })
  scene.upstream().reset()
  const { statusCode, body } = await clientGets(scene)
  assert.deepEqual([statusCode, body, scene.exchange.reason], [203, 'later', null])
})

test('an upstream that is silent for too long fails the attempt with its reason', () => {
  const scene = begun({ route: { timeouts: { firstByte: '100ms' } } })
  scene.advance(90)
  assert.deepEqual(scene.done, [])
  scene.advance(30)
  assert.deepEqual([scene.done, scene.exchange.reason], [[504], 'upstream_timeout'])
  assert.deepEqual([scene.upstream().calls, scene.exchange.attempts[0]?.cancelled], [['abort'], false])
})

test("a deadline of the route's blames the endpoint, one of the client's does not", () => {
  for (const [given, cancelled] of [
    [{ route: { timeouts: { total: '100ms' } } }, false],
    [{ timeoutMs: 100 }, true]
  ] as const) {
    const scene = begun(given)
    scene.advance(130)
    assert.deepEqual(
      [scene.done, scene.exchange.reason, scene.exchange.attempts[0]?.cancelled],
      [[504], 'deadline_exceeded', cancelled]
    )
  }
})

test('a deadline ends the wait for the next attempt, and none begins', () => {
  const scene = begun({ route: { timeouts: { total: '100ms' } }, stages: retrying(() => 1_000) })
  scene.upstream().reset()
  scene.forwarding.expire('deadline_exceeded')
  scene.advance(2_000)
  assert.deepEqual(
    [scene.done, scene.exchange.reason, scene.upstreams.length],
    [[504], 'deadline_exceeded', 1]
  )
})

test('a wait in line says nothing of the endpoint when the deadline ends it', () => {
  const scene = setUp({ connections: { max: 1 }, route: { timeouts: { total: '100ms' } } })
  const { context, exchange, pool } = scene
  const other = Object.assign(fakeExchange({ snapshot: scene.snapshot, pool }), { route: exchange.route })
  other.admittedTo = pool
  new Forwarding(context, other, exchange.route as Route, pool, () => {}).start()
  scene.forwarding.start()
  assert.equal(scene.upstreams.length, 1)
  scene.forwarding.expire('deadline_exceeded')
  assert.deepEqual(
    [scene.done, exchange.attempts[0]?.cancelled, exchange.attempts[0]?.sent],
    [[504], true, false]
  )
})

test('a stream of events has no deadline, any other response has', async () => {
  for (const [type, expected] of [
    ['text/event-stream', null],
    ['text/plain', 'deadline_exceeded']
  ] as const) {
    const scene = begun({ route: { timeouts: { total: '100ms', idle: '0ms' } } })
    scene.upstream().head(200, { 'content-type': type })
    scene.upstream().data('a')
    await setImmediate()
    scene.advance(500)
    assert.equal(scene.exchange.reason, expected)
  }
})

test('an upstream that sends nothing more is idle, unless it is the client that takes no more', async () => {
  for (const [text, reason] of [
    ['a', 'upstream_idle_timeout'],
    ['a'.repeat(200_000), 'client_closed']
  ] as const) {
    const scene = begun({ route: { timeouts: { idle: '100ms' } } })
    scene.upstream().head(200)
    await setImmediate()
    scene.advance(90)
    scene.upstream().data(text)
    scene.advance(90)
    assert.equal(scene.exchange.reason, null)
    scene.advance(30)
    assert.equal(scene.exchange.reason, reason)
  }
})

test('the upstream goes on when the client takes more, and from then on it may be silent again', async () => {
  const scene = begun({ route: { timeouts: { idle: '100ms' } } })
  scene.upstream().head(200)
  await setImmediate()
  scene.upstream().data('a'.repeat(200_000))
  scene.advance(90)
  const { activeAt } = scene.forwarding
  scene.forwarding.resumeBody()
  assert.deepEqual([scene.upstream().calls, scene.forwarding.activeAt - activeAt], [['resume'], 90])
})

test('an answer that something else has replaced is not the fault of the client', () => {
  for (const [ended, reason] of [
    [true, null],
    [false, 'client_closed']
  ] as const) {
    const scene = begun()
    scene.upstream().head(200)
    scene.upstream().data('a')
    if (ended) scene.exchange.response.end()
    scene.forwarding.abandonBody(null)
    assert.deepEqual([scene.upstream().calls, scene.exchange.reason], [['abort'], reason])
    assert.ok((scene.exchange.attempts[0]?.endedAt ?? 0) > 0)
  }
})

test('while the server stops, clients are asked to close their connections', async () => {
  for (const draining of [true, false]) {
    const scene = begun()
    scene.context.draining = draining
    scene.upstream().respond(200, 'a')
    const { headers } = await clientGets(scene)
    assert.equal(headers.connection === 'close', draining)
  }
})

test('a head that Fastify or Node refuses is an error, with nothing of it left', async () => {
  const scene = begun()
  scene.upstream().head(200, { 'x-own': '1', etag: '"a"' })
  scene.upstream().end()
  const { statusCode, headers } = await clientGets(scene, (reply) => {
    const { header } = reply
    reply.header = ((name: string, value: unknown) => {
      if (name === 'etag') throw new TypeError('refused')
      return header.call(reply, name, value)
    }) as typeof header
  })
  assert.deepEqual([statusCode, headers.etag, headers['x-own']], [500, undefined, undefined])
})

test('an answer is taken back from the reply, and what still comes of it discarded', async () => {
  const scene = begun()
  scene.upstream().head(200, { etag: '"a"' })
  scene.upstream().data('half')
  await setImmediate()
  const { body, headers } = await clientGets(scene, (reply) => {
    const { send } = reply
    reply.send = () => reply
    scene.forwarding.respond(reply)
    reply.send = send
    assert.equal(reply.getHeader('etag'), '"a"')
    scene.forwarding.drop(reply)
    scene.forwarding.drop(reply)
    scene.forwarding.respond = () => void reply.send('other')
  })
  assert.deepEqual([body, headers.etag, scene.upstream().calls], ['other', undefined, ['abort']])
  assert.equal(scene.wheel.size, 0)
  assert.equal(scene.pool.endpoints[0]?.inFlight, 0)
})

test('something sent before there is an answer ends the attempt, and stays the reason', async () => {
  const scene = begun()
  Object.assign(scene.exchange, { reason: 'request_rejected', detail: 'by a hook' })
  const reply = { raw: { headersSent: false } } as FastifyReply
  scene.forwarding.drop(reply)
  assert.deepEqual([scene.upstream().calls, scene.done], [['abort'], []])
  assert.deepEqual([scene.exchange.reason, scene.exchange.detail], ['request_rejected', 'by a hook'])
})

test('an answer whose head has been sent is not taken back', () => {
  const scene = begun()
  scene.upstream().head(200)
  scene.forwarding.drop({ raw: { headersSent: true } } as FastifyReply)
  assert.deepEqual(scene.upstream().calls, [])
})

test('limits of time hold from the start, and end with the response', () => {
  const scene = setUp()
  assert.equal(scene.wheel.size, 0)
  scene.forwarding.start()
  assert.equal(scene.wheel.size, 1)
  scene.upstream().respond(200)
  assert.equal(scene.wheel.size, 0)
})

test('every attempt is counted while it runs, and no longer', () => {
  const scene: Scene = begun()
  const [endpoint] = (scene.exchange as Exchange).pool?.endpoints ?? []
  assert.equal(endpoint?.inFlight, 1)
  scene.upstream().respond(200)
  assert.equal(endpoint?.inFlight, 0)
})

test('a route without a limit takes a body of any length, and a limit of one byte is one', () => {
  for (const [bodyLimit, length, taken] of [
    [false, '1000000', true],
    ['1B', '1', true],
    ['1B', '2', false]
  ] as const) {
    const scene = begun({
      route: { bodyLimit },
      request: { method: 'PUT', headers: { 'content-length': length } }
    })
    assert.equal(scene.upstreams.length === 1, taken, `${bodyLimit} ${length}`)
  }
})

test('the retry policy knows what has come of the body, of an attempt that failed and of one that was answered', async () => {
  const known: [boolean, number][] = []
  const scene = setUp({
    request: { method: 'PUT', headers: { 'content-length': '3' } },
    stages: {
      retry: {
        decide(_attempt, { bodyKept, bodyEndedAt }) {
          known.push([bodyKept, bodyEndedAt])
          return known.length < 3 ? 0 : null
        }
      }
    }
  })
  const client = new PassThrough()
  scene.exchange.payload = client
  Object.assign(scene.exchange.raw, { complete: true })
  scene.forwarding.start()
  const read = (n: number) => textOf(scene.upstream(n).request)
  scene.upstream().head(503)
  await setImmediate()
  const second = read(1)
  client.end('abc')
  assert.equal(await second, 'abc')
  scene.upstream(1).reset()
  await setImmediate()
  assert.equal(await read(2), 'abc')
  scene.upstream(2).head(503)
  assert.deepEqual(known, [
    [true, 0],
    [true, 10_000],
    [true, 10_000]
  ])
  assert.equal(scene.exchange.bytesReceived, 0)
  scene.upstream(2).end()
  assert.equal(scene.exchange.bytesReceived, 3)
})

test('the time of one try begins with the attempt, not with the phase that it is in', () => {
  const scene = begun({ route: { timeouts: { perTry: '100ms' } }, connects: false })
  scene.advance(60)
  scene.upstream().receiver?.sending()
  scene.advance(30)
  assert.equal(scene.exchange.reason, null)
  scene.advance(30)
  assert.equal(scene.exchange.reason, 'upstream_timeout')
})

test('a reply that the transport destroys is a client that has left', () => {
  const scene = begun()
  scene.forwarding.destroy()
  assert.deepEqual([scene.upstream().calls, scene.exchange.reason], [['abort'], 'client_closed'])
})

test('while the body is sent, the client may be silent for so long, and the upstream may take nothing for so long', async () => {
  for (const [act, ms, reason] of [
    ['silent client', 100, 'request_timeout'],
    ['silent upstream', 1_000, 'upstream_timeout'],
    ['stalled upstream', 300, 'upstream_timeout']
  ] as const) {
    const scene = setUp({
      request: { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } },
      route: { timeouts: { requestIdle: '100ms', idle: '300ms', firstByte: '1s' } }
    })
    const client = new PassThrough({ highWaterMark: 1_000_000 })
    scene.exchange.payload = client
    Object.assign(scene.exchange.raw, { complete: true })
    scene.forwarding.start()
    const body = scene.upstream().request?.body as PassThrough
    if (act === 'stalled upstream') {
      body.read()
      client.write(Buffer.alloc(500_000))
    } else body.resume()
    if (act === 'silent upstream') client.end('abc')
    for (let n = 0; n < 3; n++) await setImmediate()
    scene.advance(ms - 10)
    assert.equal(scene.exchange.reason, null, act)
    scene.advance(30)
    assert.equal(scene.exchange.reason, reason, act)
  }
})

test('a hedge begins when the first attempt is silent for so long, and not when it has answered', async () => {
  const stages: Partial<Stages> = {
    retry: { decide: () => null, hedgeDelay: () => 50, mayHedge: () => true },
    filters: [
      {
        name: 'others',
        accepts: (endpoint, { attempts }) => !attempts.some((one) => one.endpoint === endpoint)
      }
    ]
  }
  const silent = begun({ stages })
  silent.advance(40)
  assert.deepEqual(silent.hosts(), ['a.test'])
  silent.advance(30)
  assert.deepEqual(silent.hosts(), ['a.test', 'b.test'])
  silent.upstream(1).respond(200)
  assert.deepEqual([silent.exchange.attempts[0]?.cancelled, silent.upstream().calls], [true, ['abort']])
  const quick = begun({ stages })
  quick.upstream().head(200)
  await setImmediate()
  quick.advance(100)
  assert.deepEqual(quick.hosts(), ['a.test'])
})
