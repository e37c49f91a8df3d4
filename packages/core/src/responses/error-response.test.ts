import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { REASONS, type Reason } from '../config/reason.js'
import type { Exchange } from '../model/exchange.js'
import { GatewayError, type GatewayErrorOptions } from '../model/gateway-error.js'
import { core } from '../runtime/plugin.js'
import { PROBLEM_TYPE } from './problem.js'

async function failing(
  t: TestContext,
  error: () => unknown,
  config: object = {},
  prepare: (app: FastifyInstance) => void = () => {}
): Promise<FastifyInstance> {
  const app = Fastify()
  t.after(() => app.close())
  prepare(app)
  await app.register(core, { config: { pools: { p: { endpoints: ['http://secret.internal'] } }, ...config } })
  app.get('/', { config: { gateway: { pool: 'p' } } }, () => {
    throw error()
  })
  return app
}

const gatewayError = (reason: Reason, options?: GatewayErrorOptions) => (): GatewayError =>
  new GatewayError(reason, options)

for (const [reason, { status, title }] of Object.entries(REASONS) as [
  Reason,
  { status: number; title: string }
][])
  test(`${reason} is answered with its status and a problem of just these members`, async (t) => {
    const app = await failing(t, gatewayError(reason))
    const response = await app.inject('/')
    assert.equal(response.statusCode, status)
    assert.equal(response.headers['content-type'], PROBLEM_TYPE)
    assert.equal(response.headers['cache-control'], 'no-store')
    assert.deepEqual(response.json(), {
      type: `urn:gatewright:reason:${reason}`,
      title,
      status,
      reason,
      requestId: response.headers['x-request-id']
    })
  })

test('an error may add members to its problem, but takes the place of none', async (t) => {
  const members = { errors: [{ pointer: '/a' }], status: 200, reason: 'none' }
  const app = await failing(t, gatewayError('request_rejected', { members }))
  const { errors, status, reason } = (await app.inject('/')).json()
  assert.deepEqual([errors, status, reason], [[{ pointer: '/a' }], 400, 'request_rejected'])
})

// The types know no reasons but those of core here.
const QUOTA = {
  name: 'quota_spent' as Reason,
  status: 429,
  title: 'The quota is spent',
  blames: 'client'
} as const

for (const [how, made] of [
  ['its definition', QUOTA],
  ['its bare name', QUOTA.name]
] as const)
  test(`a feature's reason is answered as it says, by ${how}, and the app's error handler sees it so`, async (t) => {
    const seen: unknown[] = []
    const app = await failing(t, () => new GatewayError(made, { detail: 'behind' }))
    app.gateway.reasons.add(QUOTA)
    app.get('/own', {
      config: { gateway: { pool: 'p' } },
      errorHandler(error, _request, reply) {
        seen.push(error.statusCode, error.message, (error as unknown as GatewayError).blames)
        reply.code(418).send('own')
      },
      handler() {
        throw new GatewayError(made)
      }
    })
    const told: unknown[] = []
    app.gateway.stages.exchangeObservers.push({
      closed: ({ reason, detail, status }) => told.push(reason, detail, status)
    })
    const response = await app.inject('/')
    assert.equal(response.statusCode, 429)
    assert.equal(response.json().title, QUOTA.title)
    assert.equal(response.json().reason, QUOTA.name)
    assert.deepEqual(told, [QUOTA.name, 'behind', 429])
    assert.equal((await app.inject('/own')).statusCode, 418)
    assert.deepEqual(seen, [429, QUOTA.title, 'client'])
  })

test('a reason that nobody has registered is an internal error, and the log says which', async (t) => {
  const app = await failing(t, () => new GatewayError('no_such_reason' as Reason))
  const told: unknown[] = []
  app.gateway.stages.exchangeObservers.push({ closed: ({ reason, detail }) => told.push(reason, detail) })
  const response = await app.inject('/')
  assert.equal(response.statusCode, 500)
  assert.equal(response.json().reason, 'internal_error')
  assert.deepEqual(told, ['internal_error', "there is no reason 'no_such_reason'"])
})

test('what lies behind a problem is kept from the client and told to the exchange', async (t) => {
  const cause = new Error('connect ECONNREFUSED 10.1.2.3:80')
  const app = await failing(
    t,
    gatewayError('upstream_connect_failed', { detail: 'http://secret.internal', cause })
  )
  let closed: Exchange | undefined
  app.gateway.stages.exchangeObservers.push({ closed: (exchange) => (closed = exchange) })
  const { payload } = await app.inject('/')
  assert.doesNotMatch(payload, /secret|10\.1\.2\.3|ECONN/)
  assert.equal(closed?.reason, 'upstream_connect_failed')
  assert.equal(closed?.detail, 'http://secret.internal')
  assert.equal(closed?.status, 502)
})

test('an error brings its own header fields along', async (t) => {
  const app = await failing(t, gatewayError('method_not_allowed', { headers: { allow: 'GET, HEAD' } }))
  assert.equal((await app.inject('/')).headers.allow, 'GET, HEAD')
})

test('the reason is in a header where that was asked for, and nowhere else', async (t) => {
  const quiet = await failing(t, gatewayError('no_endpoint'))
  assert.equal((await quiet.inject('/')).headers['x-gw-reason'], undefined)
  const telling = await failing(t, gatewayError('no_endpoint'), { reasonHeader: true })
  assert.equal((await telling.inject('/')).headers['x-gw-reason'], 'no_endpoint')
})

test('any other error goes to the error handler of the app', async (t) => {
  const own = (app: FastifyInstance): unknown =>
    app.setErrorHandler((error, _request, reply) => {
      reply.code(418).send({ handled: (error as Error).message })
    })
  const app = await failing(t, () => new TypeError('a bug'), {}, own)
  const response = await app.inject('/')
  assert.equal(response.statusCode, 418)
  assert.deepEqual(response.json(), { handled: 'a bug' })
})

test('a route that has an error handler of its own keeps it', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: { pools: { p: { endpoints: ['http://h'] } } } })
  const errorHandler = (error: Error, _request: unknown, reply: { send(body: unknown): unknown }): unknown =>
    reply.send({ own: error.message })
  app.get('/', { config: { gateway: { pool: 'p' } }, errorHandler }, () => {
    throw new GatewayError('no_endpoint')
  })
  assert.deepEqual((await app.inject('/')).json(), { own: REASONS.no_endpoint.title })
})
