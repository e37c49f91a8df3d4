import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  Endpoint,
  type ResponseReceiver,
  resolvePool,
  type UpstreamConnection,
  type UpstreamRequest
} from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import { Attempt } from './attempt.js'
import type { AttemptOwner } from './attempt-owner.js'
import { Connections } from './connections.js'
import { KnownFields } from './known-fields.js'
import type { ResponseHead } from './response-headers.js'
import { StallMeter } from './stall-meter.js'
import { TimerWheel } from './timer-wheel.js'

/** A connection that does what the test says. */
class Upstream implements UpstreamConnection {
  readonly requests: UpstreamRequest[] = []
  readonly calls: string[] = []
  receiver: ResponseReceiver | null = null

  begin(request: UpstreamRequest, receiver: ResponseReceiver): void {
    this.requests.push({ ...request })
    this.receiver = receiver
    receiver.sending()
  }
  resume(): void {
    this.calls.push('resume')
  }
  abort(): void {
    this.calls.push('abort')
    this.receiver?.failed(new Error('aborted'))
  }
  async destroy(): Promise<void> {
    this.calls.push('destroy')
  }

  answer(status = 200, fields: Record<string, string> = { 'content-length': '0' }): void {
    this.receiver?.began()
    this.receiver?.head(status, raw(fields), '')
  }
}

class Owner implements AttemptOwner<Attempt> {
  readonly calls: string[] = []
  readonly stalls = new StallMeter(Number.POSITIVE_INFINITY)
  readonly fields = new KnownFields()
  readonly requestBody = null
  readonly now = (): number => this.time
  time = 10_000
  activeAt = 10_000
  takes = true
  repeatable = true
  method = 'GET'

  requestFor(): UpstreamRequest {
    return { method: this.method, path: '/', headers: [], body: null, last: false }
  }
  mayResend(): boolean {
    return this.repeatable
  }
  dispatched(): void {
    this.calls.push('dispatched')
  }
  sent(): void {
    this.calls.push('sent')
  }
  interim(_attempt: Attempt, text: string): void {
    this.calls.push(text.split('\r\n')[0] as string)
  }
  answered(_attempt: Attempt, { headers }: ResponseHead): void {
    this.calls.push(`answered ${headers.join(' ')}`)
  }
  body(_attempt: Attempt, chunk: Buffer): boolean {
    this.calls.push(`body ${chunk}`)
    return this.takes
  }
  ended(): void {
    this.calls.push('ended')
  }
  failed({ failure }: Attempt): void {
    this.calls.push(`failed ${failure}`)
  }
}

function setUp(connections: { max?: number; maxQueue?: number; maxRequests?: number } = {}) {
  const upstreams: Upstream[] = []
  const losses: (() => void)[] = []
  const owner = new Owner()
  const wheel = new TimerWheel(owner.now, { after: () => () => {}, every: () => () => {} })
  const settings = resolvePool({ endpoints: [], connections })
  const all = new Connections(
    settings,
    (lost) => {
      losses.push(lost)
      upstreams.push(new Upstream())
      return upstreams.at(-1) as Upstream
    },
    wheel
  )
  const endpoint = new Endpoint('a', new URL('http://a.test'), 1)
  return {
    all,
    owner,
    upstreams,
    losses,
    begin(): Attempt {
      const attempt = new Attempt(owner, endpoint, fakeExchange(), owner.time, all)
      attempt.begin()
      return attempt
    }
  }
}

/** As {@link setUp}, with one connection that has served a request. */
function setUpServed() {
  const scene = setUp({ max: 1 })
  scene.begin()
  const upstream = scene.upstreams[0] as Upstream
  upstream.answer()
  upstream.receiver?.end([], true)
  scene.owner.calls.length = 0
  return { ...scene, upstream }
}

const stale = (): Error => Object.assign(new Error('read'), { code: 'ECONNRESET' })

test('an attempt reports what comes back, and gives its connection back before it says that it has ended', () => {
  const { all, owner, upstreams, begin } = setUp()
  const attempt = begin()
  const { receiver } = upstreams[0] as Upstream
  let idleThen = -1
  owner.ended = () => {
    idleThen = all.idle
  }
  upstreams[0]?.answer(200, { 'content-length': '3' })
  receiver?.data(Buffer.from('abc'))
  receiver?.end([], true)
  assert.deepEqual(owner.calls, ['dispatched', 'sent', 'answered content-length 3', 'body abc'])
  assert.deepEqual([attempt.status, attempt.sent, attempt.reused, idleThen], [200, true, false, 1])
})

test('a kept connection that turns out to be closed is made anew, once, and the request sent again', async () => {
  const { owner, upstream, losses, begin } = setUpServed()
  const attempt = begin()
  assert.equal(attempt.reused, true)
  losses[0]?.()
  upstream.receiver?.failed(stale())
  assert.deepEqual(owner.calls, ['dispatched', 'sent'])
  await setImmediate()
  assert.deepEqual([attempt.reconnected, attempt.reused, upstream.requests.length], [true, false, 3])
  upstream.receiver?.failed(stale())
  await setImmediate()
  assert.deepEqual(owner.calls.slice(-1), ['failed upstream_reset'])
  assert.equal(upstream.requests.length, 3)
})

for (const [what, prepare] of [
  ['a response has begun', ({ upstream }) => upstream.receiver?.began()],
  ['the request must not be sent twice', ({ owner }) => Object.assign(owner, { repeatable: false })]
] as [string, (scene: ReturnType<typeof setUpServed>) => void][])
  test(`nothing is sent again where ${what}`, async () => {
    const scene = setUpServed()
    scene.begin()
    prepare(scene)
    scene.upstream.receiver?.failed(stale())
    await setImmediate()
    assert.deepEqual(scene.owner.calls.slice(-1), ['failed upstream_reset'])
    assert.equal(scene.upstream.requests.length, 2)
  })

test('an attempt that ends while it is about to be sent again is not sent', async () => {
  const { all, owner, upstream, begin } = setUpServed()
  const attempt = begin()
  upstream.receiver?.failed(stale())
  attempt.abort('client_closed', null)
  await setImmediate()
  assert.deepEqual(owner.calls.slice(-1), ['failed client_closed'])
  assert.deepEqual([upstream.requests.length, all.open], [2, 0])
})

test('the last request of a connection is marked', () => {
  const { upstreams, begin } = setUp({ max: 1, maxRequests: 2 })
  for (let n = 0; n < 2; n++) {
    begin()
    upstreams[0]?.answer()
    upstreams[0]?.receiver?.end([], true)
  }
  assert.deepEqual(
    upstreams[0]?.requests.map(({ last }) => last),
    [false, true]
  )
})

test('an attempt that is discarded closes its connection, and nothing is reported of it any more', () => {
  const { all, owner, upstreams, begin } = setUp()
  const attempt = begin()
  const { receiver } = upstreams[0] as Upstream
  upstreams[0]?.answer(503)
  owner.calls.length = 0
  attempt.discard()
  receiver?.data(Buffer.from('late'))
  receiver?.end([], true)
  receiver?.failed(new Error('late'))
  assert.deepEqual(owner.calls, [])
  assert.deepEqual(upstreams[0]?.calls, ['abort', 'destroy'])
  assert.equal(all.open, 0)
})

test('an attempt that waits for a connection leaves the line when it is aborted', () => {
  const { all, owner, begin } = setUp({ max: 1 })
  begin()
  const waiting = begin()
  assert.equal(all.waiting, 1)
  waiting.abort('deadline_exceeded', null)
  assert.equal(all.waiting, 0)
  assert.deepEqual(owner.calls.slice(-1), ['failed deadline_exceeded'])
})

test('a request that cannot be made gives its connection up and fails, without a word to the upstream', () => {
  const { all, owner, upstreams, begin } = setUp()
  owner.requestFor = () => {
    throw new TypeError('no path')
  }
  const attempt = begin()
  assert.deepEqual([attempt.failure, attempt.sent, all.open], ['internal_error', false, 0])
  assert.deepEqual(upstreams[0]?.requests, [])
})

test('a response that waits for its client says so until it is resumed', () => {
  const { owner, upstreams, begin } = setUp()
  const attempt = begin()
  upstreams[0]?.answer(200, { 'content-length': '9' })
  assert.equal(attempt.clientPace(), null)
  owner.takes = false
  assert.equal(upstreams[0]?.receiver?.data(Buffer.from('abc')), false)
  assert.deepEqual(attempt.clientPace(), { waitedSince: 10_000, pauseMs: 0 })
  owner.time += 70
  attempt.resume()
  attempt.resume()
  assert.deepEqual(upstreams[0]?.calls, ['resume'])
  assert.equal(attempt.clientPace(), null)
  upstreams[0]?.receiver?.data(Buffer.from('def'))
  assert.deepEqual(attempt.clientPace(), { waitedSince: 10_000, pauseMs: 70 })
})

test('what cannot be relayed is thrown back at the connection: a strange status, interim responses without end', () => {
  const { owner, upstreams, begin } = setUp()
  begin()
  const receiver = upstreams[0]?.receiver as ResponseReceiver
  for (const status of [99, 600]) assert.throws(() => receiver.head(status, [], ''), /status/)
  receiver.interim(103, [], '')
  for (let n = 1; n < 1_000; n++) receiver.passedOver(10)
  assert.throws(() => receiver.passedOver(10), /without end/)
  assert.deepEqual(owner.calls.slice(2), ['HTTP/1.1 103 Early Hints'])
})

function raw(fields: Record<string, string>): Buffer[] {
  return Object.entries(fields)
    .flat()
    .map((text) => Buffer.from(text))
}
