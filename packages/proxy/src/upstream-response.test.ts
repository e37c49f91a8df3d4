import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { GatewayError } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange } from '@gatewright/testing'
import fastify from 'fastify'
import { KnownFields } from './known-fields.js'
import { ReadBuffers } from './read-buffers.js'
import { type ResponseHead, readHead } from './response-headers.js'
import { type ResponseOwner, UpstreamResponse } from './upstream-response.js'

const TEXT = { 'content-type': 'text/plain' }
const LARGE = Buffer.alloc(256 * 1024, 'x')
const [ENDPOINT] = endpoints(1)
const BUFFERS = new ReadBuffers()

class Owner implements ResponseOwner {
  readonly buffers = BUFFERS
  readonly responseEdits = []
  ready = 0
  resumed = 0
  responseReady(): void {
    this.ready++
  }
  resumeBody(): void {
    this.resumed++
  }
  abandonBody(): void {}
  discardBody(): void {}
}

interface Given {
  readonly method?: 'GET' | 'HEAD'
  readonly status?: number
  readonly fields?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly minor?: number
  readonly cookies?: { readonly own: string[]; readonly attempt: string[] }
}

function headOf(fields: Record<string, string>): ResponseHead {
  const raw = Object.entries(fields).flat()
  return readHead(
    raw.map((text) => Buffer.from(text)),
    new KnownFields()
  )
}

function setUp({
  method = 'GET',
  status = 200,
  fields = TEXT,
  headers = {},
  minor = 1,
  cookies
}: Given = {}) {
  const exchange = fakeExchange({ method, headers })
  exchange.raw.httpVersionMinor = minor
  exchange.setCookies = cookies?.own ?? null
  const owner = new Owner()
  const attempt = fakeAttempt(ENDPOINT, { status, setCookies: cookies?.attempt ?? null })
  return { exchange, owner, response: new UpstreamResponse(exchange, attempt, headOf(fields), '', owner) }
}

/** What Fastify is given when `act` has been done, and what the client gets. */
async function clientGets(given: Given, act: (response: UpstreamResponse) => unknown) {
  const kinds: string[] = []
  let trailers: unknown = []
  const app = fastify()
  app.addHook('onSend', (_request, _reply, payload, done) => {
    kinds.push(payload === undefined ? 'nothing' : Buffer.isBuffer(payload) ? 'whole' : 'stream')
    done(null, payload)
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/',
    handler(_request, reply) {
      const { exchange, owner, response } = setUp(given)
      Object.assign(exchange, { response: reply.raw })
      reply.raw.addTrailers = (fields) => {
        trailers = fields
      }
      owner.responseReady = () => response.respond(reply.code(given.status ?? 200))
      response.expectBody()
      void act(response)
    }
  })
  const { body, headers } = await app.inject({ method: given.method ?? 'GET', url: '/' })
  return { kinds, body, headers, trailers }
}

test('what arrives within one turn of its head is given to Fastify whole', async () => {
  for (const chunks of [['abc'], ['a', 'b', 'c']]) {
    const { kinds, body } = await clientGets({}, (response) => {
      for (const chunk of chunks) assert.equal(response.pass(Buffer.from(chunk)), true)
      response.end([])
      assert.equal(response.begun, false)
    })
    assert.deepEqual([kinds, body], [['whole'], 'abc'])
  }
})

test('what takes longer is a stream, that begins with what has come', async () => {
  const { kinds, body } = await clientGets({}, async (response) => {
    response.pass(Buffer.from('ab'))
    await setImmediate()
    assert.equal(response.begun, true)
    response.pass(Buffer.from('c'))
    response.end([])
  })
  assert.deepEqual([kinds, body], [['stream'], 'abc'])
})

test('the response is ready once: whole, or when it begins to stream', async () => {
  const whole = setUp()
  whole.response.expectBody()
  assert.equal(whole.owner.ready, 0)
  whole.response.end([])
  await setImmediate()
  assert.deepEqual([whole.owner.ready, whole.response.begun], [1, false])
  const streamed = setUp()
  streamed.response.expectBody()
  await setImmediate()
  assert.deepEqual([streamed.owner.ready, streamed.response.begun], [1, true])
  streamed.response.end([])
  assert.equal(streamed.owner.ready, 1)
})

test('a length that does not arrive within one turn is streamed at once, where there is a body', () => {
  for (const [method, length, begun] of [
    ['GET', 64 * 1024 + 1, true],
    ['GET', 64 * 1024, false],
    ['HEAD', 64 * 1024 + 1, false]
  ] as const) {
    const { owner, response } = setUp({ method, fields: { 'content-length': String(length) } })
    response.expectBody()
    assert.deepEqual([response.begun, owner.ready], [begun, begun ? 1 : 0], `${method} ${length}`)
  }
})

test('a response without a body is given to Fastify as nothing', async () => {
  const { kinds, body } = await clientGets({ fields: { 'content-length': '0' } }, (response) =>
    response.end([])
  )
  assert.deepEqual([kinds, body], [['nothing'], ''])
})

test('a body without a valid media type is a stream, so that Fastify makes up none', async () => {
  for (const [type, expected] of [
    ['', undefined],
    ['text', 'text'],
    ['text/plain ;charset=x', 'text/plain ;charset=x']
  ] as const) {
    const fields: Record<string, string> = type === '' ? {} : { 'content-type': type }
    const { kinds, headers } = await clientGets({ fields }, (response) => {
      response.pass(Buffer.from('abc'))
      response.end([])
    })
    assert.equal(headers['content-type'], expected)
    assert.deepEqual(kinds, [type.includes('/') ? 'whole' : 'stream'])
  }
})

test('the content of a 205 goes no further', async () => {
  const { body } = await clientGets({ status: 205 }, async (response) => {
    assert.equal(response.pass(Buffer.from('abc')), true)
    await setImmediate()
    assert.equal(response.pass(Buffer.from('abc')), true)
    response.end([])
  })
  assert.equal(body, '')
})

const SUM = ['x-sum', '7'].map((text) => Buffer.from(text))

test('trailers follow the body to a client that has asked for them', async () => {
  const given = { headers: { te: 'trailers' }, fields: { ...TEXT, trailer: 'x-sum' } }
  const { body, headers, trailers } = await clientGets(given, (response) => {
    response.pass(Buffer.from('abc'))
    response.end(SUM)
  })
  assert.deepEqual([body, headers.trailer, trailers], ['abc', 'x-sum', [['x-sum', '7']]])
})

test('a client that takes no trailers gets the body whole, and so does one for whom none is left', async () => {
  const te = { te: 'trailers' }
  for (const [given, sent] of [
    [{}, SUM],
    [{ headers: te, method: 'HEAD' }, SUM],
    [{ headers: te, minor: 0 }, SUM],
    [{ headers: te }, ['content-length', '7'].map((text) => Buffer.from(text))],
    [{ headers: te }, []]
  ] as [Given, Buffer[]][]) {
    const { kinds, trailers } = await clientGets(given, (response) => {
      if (given.method !== 'HEAD') response.pass(Buffer.from('abc'))
      response.end(sent)
    })
    assert.deepEqual([kinds[0] === 'stream', trailers], [false, []], JSON.stringify(given))
  }
})

test('trailers are not announced to a client that takes none', async () => {
  const { headers } = await clientGets({ fields: { ...TEXT, trailer: 'x-sum' } }, async (response) => {
    await setImmediate()
    response.end([])
  })
  assert.equal(headers.trailer, undefined)
})

test('cookies of the gateway and of the attempt are added to the response, and taken back with it', async () => {
  const cookies = { own: ['own=1'], attempt: ['pin=2'] }
  const fields = { ...TEXT, 'set-cookie': 'theirs=0' }
  const { headers } = await clientGets({ cookies, fields }, (response) => response.end([]))
  assert.deepEqual(headers['set-cookie'], ['theirs=0', 'own=1', 'pin=2'])
  const app = fastify()
  app.get('/', (_request, reply) => {
    const { exchange, response } = setUp({ cookies, fields })
    Object.assign(exchange, { response: reply.raw })
    const { send } = reply
    reply.send = () => reply
    response.respond(reply)
    response.retract(reply)
    reply.send = send
    reply.send()
  })
  const retracted = await app.inject('/')
  assert.deepEqual(
    [retracted.headers['set-cookie'], retracted.headers['content-type']],
    [undefined, undefined]
  )
})

test('a stream of events is known by its media type', () => {
  for (const [type, expected] of [
    ['text/event-stream', true],
    ['text/event-stream; charset=utf-8', true],
    ['application/json', false]
  ] as const)
    assert.equal(setUp({ fields: { 'content-type': type } }).response.isEventStream, expected)
})

test('it stalls while what has come is not read, and asks its owner for more when it is', async () => {
  const { owner, response } = setUp()
  assert.equal(response.stalled, false)
  response.expectBody()
  await setImmediate()
  assert.equal(response.pass(LARGE), false)
  assert.equal(response.stalled, true)
  assert.equal(owner.ready, 1)
})

class Connection extends Socket {
  reset = 0
  override resetAndDestroy(): this {
    this.reset++
    return this.destroy()
  }
}

test('a response that breaks off cuts the connection; by a reset where its end would pass for the end of the body', () => {
  for (const [minor, encrypted, reason, reset] of [
    [1, false, 'upstream_reset', 0],
    [0, false, 'upstream_reset', 1],
    [0, true, 'upstream_reset', 0],
    [1, false, 'client_too_slow', 1],
    [1, true, 'client_too_slow', 0]
  ] as const) {
    const { exchange, response } = setUp({ minor })
    const socket = new Connection()
    if (encrypted) Object.assign(socket, { encrypted })
    exchange.response.assignSocket(socket)
    exchange.response.writeHead(200)
    response.breakOff(new GatewayError(reason))
    assert.deepEqual([socket.destroyed, socket.reset], [true, reset], `1.${minor} ${encrypted} ${reason}`)
  }
})

test('where no head has been sent, a response that breaks off leaves the connection for an error', async () => {
  const { exchange, owner, response } = setUp()
  exchange.response.assignSocket(new Connection())
  response.expectBody()
  response.breakOff(new GatewayError('upstream_reset'))
  await setImmediate()
  assert.deepEqual([exchange.response.destroyed, owner.ready, response.begun], [false, 0, false])
})

test('a stream that breaks off fails with the reason', async () => {
  const { exchange, response } = setUp()
  response.expectBody()
  await setImmediate()
  const error = new GatewayError('upstream_reset')
  response.breakOff(error)
  let given: unknown
  const reply = {
    raw: exchange.response,
    header() {},
    removeHeader() {},
    send: (payload: unknown) => (given = payload)
  }
  response.respond(reply as never)
  assert.equal((given as { errored: unknown }).errored, error)
})

test('trailers of a response that is streamed already do not begin it again', async () => {
  const { owner, response } = setUp({ headers: { te: 'trailers' } })
  response.expectBody()
  await setImmediate()
  response.pass(Buffer.from('abc'))
  response.end(SUM)
  assert.equal(owner.ready, 1)
})
