import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOUNTED } from '@gatewright/core'
import fastify, { type FastifyInstance } from 'fastify'
import { Mount, type MountPlan } from './mount.js'

const BY_APP = () => 'app'

function mount(app: FastifyInstance, plan: Partial<MountPlan> = {}): Mount {
  return new Mount(app, {
    prefix: '',
    methods: ['GET', 'POST'],
    bases: ['/api'],
    options: () => ({ config: { gateway: MOUNTED } as never, handler: () => 'table' }),
    ...plan
  })
}

/** Who takes `GET /x`, `POST /x` and `GET /api/x`. */
async function takers(app: FastifyInstance): Promise<string[]> {
  const requests = [
    ['GET', '/x'],
    ['POST', '/x'],
    ['GET', '/api/x']
  ] as const
  const responses = await Promise.all(requests.map(([method, url]) => app.inject({ method, url })))
  return responses.map(({ statusCode, body }) => (statusCode === 200 ? body : String(statusCode)))
}

test('where the app has no route, the table takes every path of its methods', async () => {
  const app = fastify()
  const mounted = mount(app)
  assert.deepEqual(await takers(app), ['table', 'table', 'table'])
  assert.deepEqual([mounted.taken, mounted.below], [[], []])
  assert.deepEqual(
    [mounted.has('GET', ''), mounted.has('GET', '/api'), mounted.has('PUT', '')],
    [true, true, false]
  )
})

for (const url of ['/*', '*'])
  for (const first of [true, false])
    test(`a route ${url} of the app takes its method from the table, but not below first segments; ${first ? 'first' : 'later'}`, async () => {
      const app = fastify()
      if (first) app.get(url, BY_APP)
      const mounted = mount(app)
      if (!first) app.get(url, BY_APP)
      assert.deepEqual(await takers(app), ['app', 'table', 'table'])
      assert.deepEqual(mounted.taken, [{ method: 'GET', url: '/*' }])
      assert.deepEqual(mounted.below, ['GET'])
      assert.deepEqual([mounted.has('GET', ''), mounted.has('GET', '/api')], [false, true])
    })

test('where the table has no first segments, nothing is left of a method that the app takes', async () => {
  const app = fastify()
  const mounted = mount(app, { bases: [] })
  app.get('/*', BY_APP)
  assert.deepEqual(await takers(app), ['app', 'table', 'app'])
  assert.deepEqual([mounted.below, mounted.has('GET', '/api')], [[], false])
})

test('a route with a constraint takes no place from the table', async () => {
  const app = fastify()
  const mounted = mount(app)
  app.route({ method: 'GET', url: '/*', constraints: { host: 'other.test' }, handler: BY_APP })
  assert.deepEqual(await takers(app), ['table', 'table', 'table'])
  assert.deepEqual(mounted.taken, [])
  assert.equal((await app.inject({ url: '/x', headers: { host: 'other.test' } })).body, 'app')
})

test('a route at another place is left as it is', async () => {
  const app = fastify()
  const mounted = mount(app)
  app.get('/own', BY_APP)
  assert.equal((await app.inject('/own')).body, 'app')
  assert.equal(app.hasRoute({ method: 'GET', url: '/own' }), true)
  assert.deepEqual(mounted.taken, [])
})

test('below a prefix, the path of the prefix itself is a place of its own', async () => {
  const app = fastify()
  const mounted = mount(app, { prefix: '/in' })
  app.get('/in', BY_APP)
  assert.deepEqual(mounted.taken, [{ method: 'GET', url: '/in' }])
  assert.deepEqual(mounted.below, [])
  assert.equal((await app.inject('/in')).body, 'app')
  assert.equal((await app.inject('/in/x')).body, 'table')
})

test('below a prefix, what takes every path there leaves the first segments to the table', () => {
  const app = fastify()
  const mounted = mount(app, { prefix: '/in' })
  app.get('/in/*', BY_APP)
  assert.deepEqual(mounted.below, ['GET'])
  const places = [...mounted.mounted].map(({ method, url }) => `${method} ${url}`)
  assert.deepEqual(places.sort(), ['GET /in', 'GET /in/api', 'GET /in/api/*', 'POST /in', 'POST /in/*'])
})

test('its routes are the mounted ones, without those that Fastify or the app adds', () => {
  const app = fastify()
  const mounted = mount(app)
  app.get('/own', BY_APP)
  assert.deepEqual(
    mounted.routes.map(({ method, url }) => `${[method].flat()} ${url}`),
    ['GET /*', 'POST /*']
  )
})

test('what the app takes below a first segment as well is its own, of one method or of several', async () => {
  const app = fastify()
  const mounted = mount(app)
  app.get('/*', BY_APP)
  app.post('/*', BY_APP)
  app.get('/api/*', BY_APP)
  assert.deepEqual(await takers(app), ['app', 'app', 'app'])
  assert.deepEqual(mounted.below, ['GET', 'POST'])
  assert.deepEqual([mounted.has('GET', '/api'), mounted.has('POST', '/api')], [true, true])
})
