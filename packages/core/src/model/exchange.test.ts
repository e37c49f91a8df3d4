import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { core } from '../runtime/plugin.js'
import type { Exchange } from './exchange.js'

const inUse = (route: (exchange: Exchange) => unknown) => async (t: TestContext) => {
  const app: FastifyInstance = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: { pools: { p: { endpoints: ['http://h'] } } } })
  // The body is left to the exchange.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.post('/', { config: { gateway: { pool: 'p' } } }, async ({ exchange }) => route(exchange as Exchange))
  return (payload?: string) =>
    app.inject({ method: 'POST', url: '/', ...(payload === undefined ? {} : { payload }) })
}

test('a body is buffered whole, once, and is then replayable', async (t) => {
  const post = await inUse(async (exchange) => {
    const before = exchange.replayable
    const body = await exchange.buffer()
    return [before, String(body), body === (await exchange.buffer()), exchange.replayable]
  })(t)
  assert.deepEqual((await post('héllo')).json(), [false, 'héllo', true, true])
})

test('a request without a body is replayable and its buffer empty', async (t) => {
  const post = await inUse(async (exchange) => [exchange.replayable, (await exchange.buffer()).length])(t)
  assert.deepEqual((await post()).json(), [true, 0])
})

test('a body larger than asked for is 413', async (t) => {
  const post = await inUse(async (exchange) => (await exchange.buffer(4)).length)(t)
  assert.equal((await post('1234')).body, '4')
  const response = await post('12345')
  assert.equal(response.statusCode, 413)
  assert.equal(response.json().reason, 'body_too_large')
})

test('a body is read as JSON', async (t) => {
  const post = await inUse((exchange) => exchange.json())(t)
  assert.deepEqual((await post('{"a":[1]}')).json(), { a: [1] })
})

for (const body of ['', '{', '{"a":1}x', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}'])
  test(`the body ${JSON.stringify(body)} is refused as JSON`, async (t) => {
    const post = await inUse((exchange) => exchange.json())(t)
    const response = await post(body)
    assert.equal(response.statusCode, 400)
    assert.equal(response.json().reason, 'request_rejected')
  })

test('a header for the upstream is set by its lower-case name, the last one counting', async (t) => {
  const post = await inUse((exchange) => {
    exchange.forwardHeader('X-User', 'ann')
    exchange.forwardHeader('x-user', 'bob')
    return [...(exchange.upstreamHeaders ?? [])]
  })(t)
  assert.deepEqual((await post()).json(), [['x-user', 'bob']])
})

for (const [name, value] of [
  ['', 'a'],
  ['a b', 'a'],
  ['a:', 'a'],
  ['é', 'a'],
  ['x', 'a\r\nb: c'],
  ['x', 'a\0'],
  ['x', '€'],
  ['Host', 'a'],
  ['connection', 'a'],
  ['Content-Length', '1'],
  ['transfer-encoding', 'chunked'],
  ['TE', 'trailers'],
  ['Trailer', 'a'],
  ['Upgrade', 'a'],
  ['Keep-Alive', 'a'],
  ['Expect', '100-continue']
] as const)
  test(`the header ${JSON.stringify(`${name}: ${value}`)} cannot be set for the upstream`, async (t) => {
    const post = await inUse((exchange) => {
      assert.throws(() => exchange.forwardHeader(name, value), { code: 'GW_VALUE_INVALID' })
      return exchange.upstreamHeaders === null
    })(t)
    assert.equal((await post()).body, 'true')
  })
