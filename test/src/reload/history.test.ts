import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway } from '@gatewright/gateway'

const quiet = { logger: false, accessLog: false } as const

async function gatewayWith(t: TestContext, body: string) {
  const gateway = createGateway({ ...quiet, ...says(body) })
  t.after(() => gateway.close())
  return await gateway.ready()
}

const says = (body: string) => ({ routes: [{ id: 'hello', path: '/hello', respond: { body } }] })

test('the history says what ran, since when, from whom and why', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  await gateway.apply(
    { ...quiet, ...says('two') },
    { author: 'ada', reason: 'better', source: 'gateway.yaml' }
  )
  const [first, second] = gateway.history
  assert.deepEqual([first?.revision, first?.parent, first?.author, first?.reason], [1, null, null, null])
  assert.deepEqual(
    [second?.revision, second?.parent, second?.author, second?.reason, second?.source],
    [2, 1, 'ada', 'better', 'gateway.yaml']
  )
  assert.ok(Math.abs(Date.now() - Number(second?.at)) < 60_000)
  assert.equal(second?.config.routes?.[0]?.respond?.body, 'two')
})

test('a rollback runs what an earlier configuration says, as a new revision', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  await gateway.apply({ ...quiet, ...says('two') })
  const { revision } = await gateway.rollback(1)
  assert.equal(revision, 3)
  assert.equal((await gateway.inject('/hello')).body, 'one')
  const [first, , third] = gateway.history
  assert.equal(third?.id, first?.id)
  assert.equal(third?.parent, 2)
  assert.equal(third?.reason, 'rollback to revision 1')
})

test('what a caller changes in its own object later is not in the history', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  const config = { ...quiet, ...says('two') }
  await gateway.apply(config)
  const [route] = config.routes
  if (route !== undefined) route.respond.body = 'changed by hand'
  await gateway.apply({ ...quiet, ...says('three') })
  await gateway.rollback(2)
  assert.equal((await gateway.inject('/hello')).body, 'two')
})

test('dry runs and refused changes are not in the history', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  await gateway.apply({ ...quiet, ...says('two') }, { dryRun: true })
  await assert.rejects(gateway.apply({ ...quiet, routes: [{ path: '/x', pool: 'none' }] } as never))
  assert.deepEqual(
    gateway.history.map(({ revision }) => revision),
    [1]
  )
})

test('ten are kept, and one that is not is refused with those that are', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  for (let i = 0; i < 14; i++) await gateway.apply({ ...quiet, ...says(`body ${i}`) })
  assert.equal(gateway.history.length, 10)
  await assert.rejects(
    gateway.rollback(1),
    /gateway\.rollback\(\) must be given a revision of the history: 6, 7, /
  )
  assert.equal((await gateway.inject('/hello')).body, 'body 13')
})

test('the same content has the same id, in any order of keys, and functions tell configurations apart', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  const handler = () => 'hi'
  const route = { id: 'a', path: '/a', handler }
  await gateway.apply({ ...quiet, routes: [route] })
  await gateway.apply({ routes: [{ handler, path: '/a', id: 'a' }], accessLog: false, logger: false })
  await gateway.apply({ ...quiet, routes: [{ ...route, handler: () => 'hi' }] })
  const [, a, b, c] = gateway.history
  assert.equal(a?.id, b?.id)
  assert.notEqual(a?.id, c?.id)
})

test('a change whose origin is no text is refused', async (t) => {
  const gateway = await gatewayWith(t, 'one')
  await assert.rejects(gateway.apply({ ...quiet }, { author: 7 } as never), /author must be a text/)
})

test('before the gateway is ready there is no history, and nothing to go back to', async (t) => {
  const gateway = createGateway(quiet)
  t.after(() => gateway.close())
  assert.deepEqual(gateway.history, [])
  await assert.rejects(gateway.rollback(1), /gateway\.rollback\(\) must be called once the gateway is ready/)
})
