import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type Fallback,
  GatewayError,
  type Pool,
  type Reason,
  type Route,
  type RouteHandler
} from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange } from '@gatewright/testing'
import fastify from 'fastify'
import { answerInstead, fellBack, mayFallBack } from './fallback.js'

const POOL = { id: 'other' } as Pool
const RESET = new GatewayError('upstream_reset', { detail: 'cut' })

function routeWith(action: Fallback['action'], ...on: Reason[]): Route {
  return { fallback: { on: new Set<Reason>(['upstream_reset', ...on]), action } } as unknown as Route
}

const toPool = routeWith({ kind: 'pool', pool: POOL }, 'client_closed')
const toText = routeWith({ kind: 'respond', respond: { status: 203, body: 'later' } })
const without = { fallback: null } as Route

test('a request goes on to the pool of the fallback, for the reasons of that, once', () => {
  assert.equal(mayFallBack(RESET, fakeExchange(), toPool), POOL)
  assert.equal(mayFallBack(new GatewayError('upstream_timeout'), fakeExchange(), toPool), null)
  assert.equal(mayFallBack(new GatewayError('client_closed'), fakeExchange(), toPool), null)
  assert.equal(mayFallBack(RESET, fakeExchange(), toText), null)
  assert.equal(mayFallBack(RESET, fakeExchange(), without), null)
  const again = fakeExchange()
  fellBack(RESET, again)
  assert.equal(mayFallBack(RESET, again, toPool), null)
})

test('a request that has been sent goes on to a pool only when it can be sent again', () => {
  const [endpoint] = endpoints(1)
  for (const [sent, hasBody, expected] of [
    [true, true, null],
    [false, true, POOL],
    [true, false, POOL]
  ] as const) {
    const exchange = fakeExchange({ headers: hasBody ? { 'content-length': '3' } : {} })
    exchange.attempts.push(fakeAttempt(endpoint, { sent }), fakeAttempt(endpoint, { sent: false }))
    assert.equal(mayFallBack(RESET, exchange, toPool), expected, `${sent} ${hasBody}`)
  }
})

test('what the fallback was called for is noted, and is no reason of what follows', () => {
  const exchange = Object.assign(fakeExchange(), { reason: 'upstream_timeout' })
  fellBack(RESET, exchange)
  assert.deepEqual([exchange.fallback, exchange.detail, exchange.reason], ['upstream_reset', 'cut', null])
})

test('nothing stands in for an error without a fallback, for another reason, after a fallback or with a pool', () => {
  const reply = {} as never
  const fallen = Object.assign(fakeExchange(), { fallback: 'upstream_reset' })
  assert.equal(answerInstead(RESET, fakeExchange(), without, reply), false)
  assert.equal(answerInstead(new GatewayError('upstream_timeout'), fakeExchange(), toText, reply), false)
  assert.equal(answerInstead(RESET, fallen, toText, reply), false)
  assert.equal(answerInstead(RESET, fakeExchange(), toPool, reply), false)
})

/** What a client gets of a fallback. */
async function clientGets(action: Fallback['action'], async = false) {
  const app = fastify()
  const exchange = fakeExchange()
  const done: boolean[] = []
  app.get('/', (_request, reply) => {
    reply.code(502)
    const answered = answerInstead(RESET, exchange, routeWith(action), reply)
    done.push(answered, reply.sent)
  })
  const { statusCode, headers, body } = await app.inject('/')
  assert.deepEqual(done, [true, !async])
  return { statusCode, type: headers['content-type'], body, exchange }
}

const byHandler = (handler: () => unknown, async = false) =>
  clientGets({ kind: 'handler', handler: handler as RouteHandler }, async)

test('a direct response stands in for an error as it is configured, byte for byte', async () => {
  const respond = { status: 203, headers: { 'content-type': 'text/plain' }, body: '{"a":1}' }
  const { exchange, ...got } = await clientGets({ kind: 'respond', respond })
  assert.deepEqual(got, { statusCode: 203, type: 'text/plain', body: '{"a":1}' })
  assert.deepEqual([exchange.fallback, exchange.reason], ['upstream_reset', null])
  assert.deepEqual((await clientGets({ kind: 'respond', respond: {} })).statusCode, 200)
})

test('a handler stands in for an error, with 200 if it says nothing else', async () => {
  for (const [handler, async] of [
    [() => 'fine', false],
    [async () => 'fine', true],
    [
      function (this: unknown, _request: unknown, reply: { send(text: string): unknown }) {
        return reply.send('fine')
      },
      false
    ],
    [
      (_request: unknown, reply: { send(text: string): unknown }) => {
        reply.send('fine')
        return 'not this'
      },
      false
    ],
    [
      async (_request: unknown, reply: { send(text: string): unknown }) => {
        reply.send('fine')
        return 'not this'
      },
      false
    ],
    [
      (_request: unknown, reply: { send(text: string): unknown }) => {
        setImmediate(() => reply.send('fine'))
      },
      true
    ]
  ] as [() => unknown, boolean][]) {
    const { statusCode, body, exchange } = await byHandler(handler, async)
    assert.deepEqual([statusCode, body, exchange.fallback], [200, 'fine', 'upstream_reset'])
  }
})

test('a handler is called with the server as its own, as Fastify calls its handlers', async () => {
  const { body } = await byHandler(function (this: { version: string }) {
    return this.version
  })
  assert.equal(body, fastify().version)
})

test('what a handler throws is an error of the request, though it is none of its kind', async () => {
  const failure = Object.assign(new Error('no'), { statusCode: 418 })
  for (const [thrown, status] of [
    [failure, 418],
    ['text', 500],
    [null, 500]
  ] as const) {
    const throwing = () => {
      throw thrown
    }
    assert.equal((await byHandler(throwing)).statusCode, status)
    assert.equal((await byHandler(async () => throwing(), true)).statusCode, status)
  }
})
