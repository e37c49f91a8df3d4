import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fakeUpstream, gatewayKit } from '@gatewright/testing'
import { buildApp } from '../src/app.js'

const A = 'http://a.test'
const B = 'http://b.test'
const SESSION = { authorization: 'Bearer s3ss10n' }

/** The app in virtual time, in front of upstreams that follow a script: nothing here waits. */
async function virtual(t: TestContext) {
  const kit = gatewayKit()
  const app = await buildApp({ users: [A, B], sessions: [['s3ss10n', 'ada']], seams: kit.seams })
  t.after(() => app.close())
  const seen = () => [A, B].flatMap((url) => kit.upstream(url).seen)
  return { kit, app, seen, ask: (path: string, request = {}) => kit.request(app, path, request) }
}

test('the app answers its own routes itself', async (t) => {
  const { app, seen } = await virtual(t)

  assert.deepEqual((await app.inject('/hello')).json(), { hello: 'from the app itself' })
  assert.deepEqual(seen(), [])
})

test('what the gateway has a route for gets to the service', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const app = await buildApp({ users: [upstream.url] })
  t.after(() => app.close())
  const url = await app.listen({ port: 0 })

  assert.equal(await (await fetch(`${url}/users/7?full=1`)).text(), 'hello')
  assert.equal(upstream.requests[0]?.target, '/users/7?full=1')
  assert.equal((await fetch(`${url}/nowhere`)).status, 404)
})

test('a route of the app forwards, behind its own hook', async (t) => {
  const { ask, seen } = await virtual(t)

  assert.equal((await ask('/me/orders')).status, 401)
  assert.equal((await ask('/me/orders', { headers: { ...SESSION, 'x-user': 'root' } })).status, 200)
  assert.deepEqual(
    seen().map(({ path, headers }) => [path, headers['x-user']]),
    [['/me/orders', 'ada']]
  )
})

test('a route of the app has limits of its own', async (t) => {
  const { ask } = await virtual(t)
  const statuses: number[] = []

  for (let n = 0; n < 12; n++) statuses.push((await ask('/me/orders', { headers: SESSION })).status)

  assert.equal(statuses.filter((status) => status === 200).length, 10)
  assert.equal(statuses.at(-1), 429)
  assert.equal((await ask('/users/7')).status, 200)
})

test('a failure of one endpoint is hidden by the other', async (t) => {
  const { kit, ask } = await virtual(t)
  kit.upstream(A).always('refuse')

  for (let n = 0; n < 4; n++) assert.equal((await ask('/users/7')).status, 200)

  assert.ok(kit.attempts.some(({ failure }) => failure !== null))
})

test('an endpoint that hangs is given up after two seconds', async (t) => {
  const { kit, ask } = await virtual(t)
  for (const url of [A, B]) kit.upstream(url).always('black-hole')

  const { status, attempts, elapsedMs } = await ask('/users/7')

  assert.deepEqual([status, attempts.length], [504, 2])
  assert.ok(elapsedMs < 5_001, `${elapsedMs} ms`)
})

test('a service that is down is left alone, and clients are told when to come again', async (t) => {
  const { kit, ask } = await virtual(t)
  for (const url of [A, B]) kit.upstream(url).always('refuse')

  for (let n = 0; n < 30; n++) await ask('/users/7')
  const { status, reason, headers } = await ask('/users/7')

  assert.deepEqual([status, reason], [503, 'circuit_open'])
  assert.ok(Number(headers['retry-after']) > 0)
})
