import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  type Exchange,
  Gateway,
  type Pool,
  type ResponseReceiver,
  type Route,
  type Stages,
  type UpstreamConnection,
  type UpstreamRequest
} from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import type { Attempt } from './attempt.js'
import { AttemptDriver } from './attempt-driver.js'
import { Connections } from './connections.js'
import { KnownFields } from './known-fields.js'
import { ReadBuffers } from './read-buffers.js'
import { StallMeter } from './stall-meter.js'
import type { Limit, Phase } from './time-limits.js'
import { TimerWheel } from './timer-wheel.js'

/** Drives attempts, and records what it would deliver. */
class Driver extends AttemptDriver {
  readonly calls: string[] = []

  start(): void {
    this.openBody()
    this.nextAttempt()
  }
  finish(): void {
    this.end()
  }
  get phase(): Phase {
    return this.timer.phase
  }
  get since(): number {
    return this.timer.phaseAt
  }
  get current(): Attempt {
    return this.attempt as Attempt
  }
  answered(attempt: Attempt): void {
    if (this.attemptAnswered(attempt)) this.calls.push(`answered ${attempt.number}`)
  }
  body(): boolean {
    return true
  }
  ended(): void {}
  failed(attempt: Attempt): void {
    this.attemptFailed(attempt, false)
  }
  nextLimit(): Limit {
    return { at: Number.POSITIVE_INFINITY, reason: 'internal_error' }
  }
  expire(): void {}
  protected wait(delayMs: number): void {
    this.calls.push(`wait ${delayMs}`)
  }
  protected fail({ reason }: { reason: string }): void {
    this.calls.push(`fail ${reason}`)
  }
}

class Upstream implements UpstreamConnection {
  request: UpstreamRequest | null = null
  receiver: ResponseReceiver | null = null
  /** Whether it begins to send at once, as an open connection does. */
  readonly sends: boolean

  constructor(sends: boolean) {
    this.sends = sends
  }
  begin(request: UpstreamRequest, receiver: ResponseReceiver): void {
    this.request = request
    this.receiver = receiver
    if (this.sends) receiver.sending()
  }
  resume(): void {}
  abort(): void {}
  async destroy(): Promise<void> {}
  head(status = 200): void {
    this.receiver?.head(status, [], '')
  }
  reset(): void {
    this.receiver?.failed(Object.assign(new Error('read'), { code: 'ECONNRESET' }))
  }
}

interface Given {
  /** How much of a body the route keeps, in bytes. */
  readonly keepBody?: number
  readonly stages?: Partial<Stages>
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly connections?: object
  readonly sends?: boolean
}

function setUp(given: Given = {}) {
  let now = 10_000
  const clock = (): number => now
  const timers = { after: () => () => {}, every: () => () => {} }
  const endpoints = ['http://a.test/base?k=1', 'http://b.test']
  const config = {
    pools: { p: { endpoints, connections: given.connections ?? {} } },
    routes: [{ id: 'r', path: '/*', pool: 'p' }]
  }
  const gateway = new Gateway({ config, clock, chance: () => 0, timers })
  gateway.router = () => ({ find: () => null, allowed: () => [], explain: () => [] })
  Object.assign(gateway.stages, given.stages)
  const snapshot = gateway.compile()
  const { keepBody = 1_024 } = given
  const route = Object.create(snapshot.routes[0] as Route, { keepBody: { value: keepBody } }) as Route
  const pool = route.pool as Pool
  const wheel = new TimerWheel(clock, timers, new StallMeter(Number.POSITIVE_INFINITY))
  const upstreams: Upstream[] = []
  const all = new Map<unknown, Connections>()
  const connect = (): Upstream => {
    upstreams.push(new Upstream(given.sends ?? true))
    return upstreams.at(-1) as Upstream
  }
  const context = {
    wheel,
    now: clock,
    fields: new KnownFields(),
    buffers: new ReadBuffers(),
    connectionsOf(endpoint: unknown): Connections {
      const known = all.get(endpoint) ?? new Connections(pool.settings, connect, wheel)
      all.set(endpoint, known)
      return known
    },
    isDraining: () => false,
    report: (fault: unknown) => assert.fail(String(fault))
  }
  const { method = 'GET', headers = {} } = given
  const exchange = fakeExchange({ snapshot, pool, method, headers, path: '/x', query: 'q=2', startedAt: now })
  exchange.route = route
  return {
    driver: new Driver(context, exchange, route, pool),
    exchange,
    upstreams,
    wheel,
    connectionsTo: (n: number) => context.connectionsOf(pool.endpoints[n]),
    upstream: (n = 0) => upstreams[n] as Upstream,
    advance: (ms: number): void => {
      now += ms
    }
  }
}

/** Gives an exchange a body, which comes when the test writes it. */
function bodyOf(exchange: Exchange): PassThrough {
  const client = new PassThrough()
  exchange.payload = client
  Object.assign(exchange.raw, { complete: true })
  return client
}

async function text(body: UpstreamRequest['body'] | undefined): Promise<string> {
  return Buffer.concat(await (body as Readable).toArray()).toString()
}

const HEDGE = { decide: () => null, hedgeDelay: () => 50, mayHedge: () => true }
/** The second attempt goes to the other endpoint. */
const OTHERS = {
  name: 'others',
  accepts: (endpoint: unknown, { attempts }: Exchange) => !attempts.some((one) => one.endpoint === endpoint)
}

test('the request has the method, the target below the endpoint and the fields of this attempt', () => {
  const { driver, upstream } = setUp({ method: 'DELETE', headers: { 'x-own': '1' } })
  driver.start()
  const { method, path, headers = [], body, last } = upstream().request as UpstreamRequest
  assert.deepEqual([method, path, body, last], ['DELETE', '/base/x?k=1&q=2', null, false])
  assert.deepEqual(
    [headers[headers.indexOf('host') + 1], headers[headers.indexOf('x-own') + 1]],
    ['a.test', '1']
  )
})

test('observers are notified before the request is made, so that they can add to it', () => {
  const sending = (_attempt: unknown, exchange: Exchange): void => exchange.forwardHeader('x-span', '7')
  const { driver, upstream } = setUp({ stages: { observers: [{ sending }] } })
  driver.start()
  assert.ok(upstream().request?.headers.includes('x-span'))
})

test('a body that a hook has read is sent in place of what the client sends', () => {
  const { driver, exchange, upstream } = setUp({ method: 'PUT', headers: { 'content-length': '3' } })
  exchange.body = Buffer.from('abc')
  driver.start()
  assert.equal(upstream().request?.body, exchange.body)
  assert.equal(driver.requestBody, null)
})

test('every attempt is given the body from its beginning', async () => {
  const { driver, exchange, upstream } = setUp({ method: 'PUT', headers: { 'content-length': '3' } })
  bodyOf(exchange).end('abc')
  driver.start()
  assert.equal(await text(upstream().request?.body), 'abc')
  driver.tryAgain()
  assert.equal(await text(upstream(1).request?.body), 'abc')
})

test('only a body that can be kept whole is kept', () => {
  for (const [length, kept] of [
    ['1024', true],
    ['1025', false]
  ] as const) {
    const { driver, exchange } = setUp({
      method: 'PUT',
      headers: { 'content-length': length },
      keepBody: 1_024
    })
    bodyOf(exchange)
    driver.start()
    assert.equal(driver.mayResend(), kept)
    assert.equal(exchange.bodyKept, kept)
  }
})

test('what is not safe to repeat is not sent again', () => {
  const { driver } = setUp({ method: 'POST' })
  driver.start()
  assert.equal(driver.mayResend(), false)
})

test('when the last byte of the body came is noted', async () => {
  const { driver, exchange, upstream, advance } = setUp({ method: 'PUT', headers: { 'content-length': '3' } })
  const client = bodyOf(exchange)
  driver.start()
  advance(70)
  client.end('abc')
  await text(upstream().request?.body)
  driver.mayResend()
  assert.equal(exchange.bodyEndedAt, 10_070)
})

test('the phase is that of the attempt: in the queue, connecting, sent', () => {
  const { driver, connectionsTo, upstream, upstreams, advance } = setUp({
    connections: { max: 1 },
    sends: false
  })
  const taken = connectionsTo(0).acquire({ client: '', waiting: false, overShare: false } as never)
  driver.start()
  assert.deepEqual([driver.phase, driver.current.dispatchedAt, upstreams.length], ['queued', 0, 1])
  advance(30)
  connectionsTo(0).release(taken as never, true)
  assert.deepEqual([driver.phase, driver.since, driver.current.dispatchedAt], ['connecting', 10_030, 10_030])
  advance(20)
  upstream().receiver?.sending()
  assert.deepEqual([driver.phase, driver.since, driver.current.sentAt], ['sent', 10_050, 10_050])
})

test('an attempt that finds a connection is dispatched when it began', () => {
  const { driver, advance } = setUp({ sends: false })
  advance(7)
  driver.start()
  assert.deepEqual(
    [driver.phase, driver.current.startedAt, driver.current.dispatchedAt],
    ['connecting', 10_000, 10_000]
  )
  advance(7)
  driver.tryAgain()
  assert.deepEqual(
    [driver.since, driver.current.startedAt, driver.current.dispatchedAt],
    [10_014, 10_014, 10_014]
  )
})

test('a hedge begins when it is due, and leaves the phase to the first attempt', () => {
  const { driver, exchange, upstreams, advance } = setUp({ stages: { retry: HEDGE, filters: [OTHERS] } })
  driver.start()
  advance(50)
  driver.hedge()
  assert.equal(upstreams.length, 2)
  assert.deepEqual([driver.phase, driver.since], ['sent', 10_000])
  const [, hedge] = exchange.attempts
  assert.deepEqual([hedge?.startedAt, hedge?.dispatchedAt, hedge?.sentAt], [10_050, 10_050, 10_050])
})

test('when the first attempt is gone, the phase is that of the hedge', () => {
  for (const [sends, busy, phase] of [
    [true, false, 'sent'],
    [false, false, 'connecting'],
    [true, true, 'queued']
  ] as const) {
    const scene = setUp({ stages: { retry: HEDGE, filters: [OTHERS] }, connections: { max: 1 }, sends })
    const { driver, connectionsTo, upstreams, advance } = scene
    driver.start()
    if (busy) connectionsTo(1).acquire({ client: '', waiting: false, overShare: false } as never)
    driver.hedge()
    advance(20)
    upstreams[0]?.reset()
    assert.deepEqual([driver.phase, driver.since, driver.current.hedge], [phase, 10_020, true])
  }
})

test('an attempt that wins over its hedge stays in its phase', () => {
  const { driver, upstream, advance } = setUp({ stages: { retry: HEDGE, filters: [OTHERS] } })
  driver.start()
  driver.hedge()
  advance(20)
  upstream(1).reset()
  assert.deepEqual([driver.phase, driver.since, driver.current.hedge], ['sent', 10_000, false])
})

/** What the client is sent outside of its response. */
function clientOf(exchange: Exchange): string[] {
  const written: string[] = []
  const socket = {
    writable: true,
    writableNeedDrain: false,
    write: (line: string) => void written.push(line.split('\r\n')[0] as string)
  }
  Object.defineProperty(exchange.response, 'socket', { value: socket as unknown as Socket })
  return written
}

test('an interim response is relayed at once while there is one attempt', () => {
  const { driver, exchange, upstream } = setUp()
  const written = clientOf(exchange)
  driver.start()
  upstream().receiver?.interim(103, [], '')
  assert.deepEqual(written, ['HTTP/1.1 103 Early Hints'])
})

test('of two attempts, the client gets the interim responses of the one whose response it gets, once', () => {
  for (const winner of [0, 1]) {
    const { driver, exchange, upstream } = setUp({ stages: { retry: HEDGE, filters: [OTHERS] } })
    const written = clientOf(exchange)
    driver.start()
    driver.hedge()
    upstream(0).receiver?.interim(103, [], 'of the first')
    upstream(1).receiver?.interim(103, [], 'of the hedge')
    assert.deepEqual(written, [])
    upstream(winner).head()
    assert.deepEqual(written, [`HTTP/1.1 103 ${winner === 0 ? 'of the first' : 'of the hedge'}`])
    assert.deepEqual(driver.calls, [`answered ${winner + 1}`])
  }
})

test('at the end no limit holds, and what the client still sends is not read', async () => {
  const { driver, exchange, upstream, wheel } = setUp({ method: 'PUT', headers: { 'content-length': '9' } })
  const client = bodyOf(exchange)
  const { destroySoon } = exchange.raw.socket
  driver.start()
  const read = upstream().request?.body as Readable
  read.resume()
  client.write('abc')
  await setImmediate()
  driver.finish()
  client.write('def')
  await setImmediate()
  assert.deepEqual([driver.phase, wheel.size, exchange.bytesReceived, read.destroyed], ['over', 0, 3, true])
  assert.notEqual(exchange.raw.socket.destroySoon, destroySoon)
  driver.tryAgain()
  assert.equal(exchange.attempts.length, 1)
})

test('a client that has sent everything keeps its connection', async () => {
  const { driver, exchange, upstream } = setUp({ method: 'PUT', headers: { 'content-length': '3' } })
  bodyOf(exchange).end('abc')
  const { destroySoon } = exchange.raw.socket
  driver.start()
  await text(upstream().request?.body)
  driver.finish()
  assert.deepEqual([exchange.bytesReceived, exchange.raw.socket.destroySoon === destroySoon], [3, true])
})
