import assert from 'node:assert/strict'
import test from 'node:test'
import { createGateway, type RouteHooks } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'

const quiet = { logger: false, accessLog: false } as const

function recording(log: string[], who: string): RouteHooks {
  return {
    onRequest: (_request, _reply, done) => {
      log.push(`${who} onRequest`)
      done()
    },
    preHandler: async () => {
      log.push(`${who} preHandler`)
    },
    onSend: async (_request, _reply, payload) => {
      log.push(`${who} onSend`)
      return payload
    },
    onResponse: async () => {
      log.push(`${who} onResponse`)
    }
  }
}

test('hooks run phase by phase: the gateway, its policies left to right, the route', async (t) => {
  const log: string[] = []
  const upstream = await fakeUpstream(t)
  const gateway = createGateway({ ...quiet, hooks: recording(log, 'all') })
    .pool('a', [upstream.url])
    .policy('p1', { hooks: recording(log, 'p1') })
    .policy('p2', { hooks: recording(log, 'p2') })
    .route('/plain/*', { pool: 'a' })
    .route('/*', { pool: 'a', use: ['p1', 'p2'], hooks: recording(log, 'route') })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  await (await fetch(`${url}/x`)).text()
  const phases = ['onRequest', 'preHandler', 'onSend', 'onResponse']
  await gateway.close()
  assert.deepEqual(
    log,
    phases.flatMap((phase) => ['all', 'p1', 'p2', 'route'].map((who) => `${who} ${phase}`))
  )
})

test('a hook that answers stops the request before the upstream', async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = createGateway(quiet)
    .pool('a', [upstream.url])
    .route('/*', {
      pool: 'a',
      hooks: { onRequest: async (_request, reply) => reply.code(401).send({ no: true }) }
    })
  t.after(() => gateway.close())
  assert.equal((await gateway.inject('/x')).statusCode, 401)
  assert.equal(upstream.requests.length, 0)
})

test('hooks of the whole gateway run for requests that no route matches', async (t) => {
  const log: string[] = []
  const gateway = createGateway(quiet)
    .pool('a', ['http://127.0.0.1:1'])
    .hook('onRequest', async ({ exchange }) => {
      log.push(`${exchange?.path} ${exchange?.route}`)
    })
    .route('/a', { pool: 'a' })
  t.after(() => gateway.close())
  assert.equal((await gateway.inject('/nowhere')).statusCode, 404)
  assert.deepEqual(log, ['/nowhere null'])
})

test('what a hook tells the upstream cannot be forged or stripped by the client', async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = createGateway(quiet)
    .pool('a', [upstream.url])
    .hook('onRequest', async ({ exchange }) => exchange?.forwardHeader('x-user-id', '7'))
    .route('/*', { pool: 'a' })
  t.after(() => gateway.close())
  await gateway.inject({ url: '/x', headers: { 'x-user-id': 'admin', connection: 'x-user-id' } })
  assert.deepEqual(upstream.requests[0]?.headerAll('x-user-id'), ['7'])
})

test('an error thrown by a hook keeps its status when it is the client’s, and stays inside when it is not', async (t) => {
  const gateway = createGateway(quiet)
    .pool('a', ['http://127.0.0.1:1'])
    .route('/mine', { pool: 'a', hooks: { onRequest: async () => Promise.reject(new Error('secret text')) } })
    .route('/yours', {
      pool: 'a',
      hooks: {
        onRequest: async () => Promise.reject(Object.assign(new Error('too many'), { statusCode: 429 }))
      }
    })
  t.after(() => gateway.close())
  const mine = await gateway.inject('/mine')
  assert.equal(mine.statusCode, 500)
  assert.equal(mine.json().reason, 'internal_error')
  assert.doesNotMatch(mine.body, /secret/)
  const yours = await gateway.inject('/yours')
  assert.equal(yours.statusCode, 429)
  assert.match(yours.body, /too many/)
})
