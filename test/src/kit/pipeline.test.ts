import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { gatewayKit } from '@gatewright/testing'

const A = 'http://a.test'
const B = 'http://b.test'
const config = {
  accessLog: false,
  logger: false,
  pools: { main: { endpoints: [A, B], balancing: 'first' } },
  routes: [{ path: '/*', pool: 'main', timeouts: { firstByte: '5s' } }]
} as const satisfies GatewayServerConfig
const retrying = {
  ...config,
  routes: [{ path: '/*', pool: 'main', retry: { attempts: 2 } }]
} as const satisfies GatewayServerConfig

test('a request goes through the real pipeline to a scripted upstream', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  kit.upstream(A).thenAnswers(201, { headers: { 'x-from': 'a' }, body: 'made' })
  const result = await kit.request(gateway, '/things?x=1', {
    method: 'POST',
    headers: { 'x-mine': 'yes' },
    body: 'payload'
  })
  assert.equal(result.status, 201)
  assert.equal(result.headers['x-from'], 'a')
  assert.equal(result.body, 'made')
  assert.equal(result.reason, null)
  const [seen] = kit.upstream(A).seen
  assert.equal(seen?.method, 'POST')
  assert.equal(seen?.path, '/things?x=1')
  assert.equal(seen?.headers['x-mine'], 'yes')
  assert.equal(seen?.body, 'payload')
})

test('a slow answer takes virtual time and no real time', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  kit.upstream(A).thenSlow('2s')
  const result = await kit.request(gateway, '/')
  assert.equal(result.status, 200)
  assert.equal(result.elapsedMs, 2_000)
})

for (const [fault, status, reason] of [
  ['refuse', 502, 'upstream_connect_failed'],
  ['reset', 502, 'upstream_reset'],
  ['black-hole', 504, 'upstream_timeout']
] as const)
  test(`the fault '${fault}' ends as ${reason}`, async (t) => {
    const kit = gatewayKit()
    const gateway = createGateway(config, kit.seams)
    t.after(() => gateway.close())
    kit.upstream(A).breaks(fault)
    const result = await kit.request(gateway, '/')
    assert.equal(result.status, status)
    assert.equal(result.reason, reason)
    assert.equal(result.attempts[0]?.failure, reason)
  })

test('a retry is seen as two attempts, and told as an event', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(retrying, kit.seams)
  t.after(() => gateway.close())
  kit.upstream(A).fails(1)
  kit.upstream(B).thenAnswers(200, { body: 'second' })
  const result = await kit.request(gateway, '/')
  assert.equal(result.body, 'second')
  assert.deepEqual(
    result.attempts.map(({ endpoint, status }) => [endpoint.url, status]),
    [
      [A, 503],
      [B, 200]
    ]
  )
  assert.ok(kit.events.some(({ name }) => name === 'retry'))
})

test('an answer that breaks off in its body is not passed off as a whole one', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  kit.upstream(A).breaks('reset-mid-body')
  const result = await kit.request(gateway, '/')
  assert.equal(result.reason, 'upstream_reset')
  assert.equal(result.attempts[0]?.status, 200)
})

test('a script is followed in order, and then the upstream is fine', async (t) => {
  const kit = gatewayKit()
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  kit.upstream(A).fails(2).thenSlow('1s').thenAnswers(404)
  const statuses: number[] = []
  for (let n = 0; n < 5; n++) statuses.push((await kit.request(gateway, `/${n}`)).status)
  assert.deepEqual(statuses, [503, 503, 200, 404, 200])
  assert.equal(kit.attempts.length, 5)
  assert.deepEqual(
    kit.upstream(A).seen.map(({ path }) => path),
    ['/0', '/1', '/2', '/3', '/4']
  )
})
