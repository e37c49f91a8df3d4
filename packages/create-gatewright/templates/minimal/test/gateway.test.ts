import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fakeUpstream, gatewayKit } from '@gatewright/testing'
import { buildGateway } from '../src/gateway.js'

const A = 'http://a.test'
const B = 'http://b.test'

/** The gateway in virtual time, in front of upstreams that follow a script: nothing here waits. */
function virtual(t: TestContext) {
  const kit = gatewayKit()
  const gateway = buildGateway({ upstreams: [A, B], quiet: true }, kit.seams)
  t.after(() => gateway.close())
  return { kit, get: (path: string) => kit.request(gateway, path) }
}

test('a request gets to the service as it is, but for what no client may say', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const gateway = buildGateway({ upstreams: [upstream.url], quiet: true })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })

  const response = await fetch(`${url}/orders/7?full=1`, { headers: { 'x-forwarded-for': '1.2.3.4' } })

  assert.equal(await response.text(), 'hello')
  assert.equal(upstream.requests[0]?.target, '/orders/7?full=1')
  assert.equal(upstream.requests[0]?.header('x-forwarded-for'), '127.0.0.1')
})

test('a failure of one endpoint is hidden by the other', async (t) => {
  const { kit, get } = virtual(t)
  kit.upstream(A).always('refuse')

  for (let n = 0; n < 4; n++) assert.equal((await get('/')).status, 200)

  assert.ok(kit.attempts.some(({ failure }) => failure !== null))
})

test('an endpoint that hangs is given up after two seconds', async (t) => {
  const { kit, get } = virtual(t)
  kit.upstream(A).always('black-hole')
  kit.upstream(B).always('black-hole')

  const { status, attempts, elapsedMs } = await get('/')

  assert.equal(status, 504)
  assert.equal(attempts.length, 2)
  assert.ok(elapsedMs < 5_001, `${elapsedMs} ms`)
})

test('an endpoint that keeps failing is left out', async (t) => {
  const { kit, get } = virtual(t)
  kit.upstream(A).always({ status: 500 })

  for (let n = 0; n < 40; n++) await get('/')

  assert.ok(kit.events.some(({ name, event }) => name === 'endpoint_health' && event.to === 'ejected'))
  assert.ok(kit.upstream(A).seen.length < 10)
})

test('a service that is down is left alone, and clients are told when to come again', async (t) => {
  const { kit, get } = virtual(t)
  kit.upstream(A).always('refuse')
  kit.upstream(B).always('refuse')

  for (let n = 0; n < 30; n++) await get('/')
  const { status, reason, headers } = await get('/')

  assert.equal(status, 503)
  assert.equal(reason, 'circuit_open')
  assert.ok(Number(headers['retry-after']) > 0)
})

test('a body of more than 1 MiB is refused', async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = buildGateway({ upstreams: [upstream.url], quiet: true })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })

  const response = await fetch(url, { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) })

  assert.equal(response.status, 413)
})
