import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeResponse, type FakeUpstream, fakeUpstream, gate } from '@gatewright/testing'
import { FAULTS, kinds, many, tokenLoad } from '../support/token-load.js'

const active = (more: object = {}): FakeResponse => ({
  body: JSON.stringify({ active: true, sub: 'ada', aud: 'api', ...more })
})
const introspection = (service: FakeUpstream): object => ({
  type: 'introspection',
  url: `${service.url}/introspect`,
  clientId: 'gateway',
  clientSecret: 'secret',
  allowHttp: true,
  timeout: '1m'
})

for (const [name, fault] of [
  ...FAULTS,
  ['refuses the credentials of the gateway', () => ({ status: 401 })],
  ['says nothing of active', () => ({ body: '{"sub":"ada"}' })],
  ['says active in another type', () => ({ body: '{"active":"true","sub":"ada"}' })]
] as typeof FAULTS)
  test(`an introspection that ${name} loses no token that is remembered, and is 503 for others, not 401`, async (t) => {
    const service = await fakeUpstream(t, active())
    const { ask, upstream, skip } = await tokenLoad(t, introspection(service))
    assert.equal(kinds(await Promise.all(many(100, ask, () => 'known'))), '200')
    assert.equal(service.requests.length, 1)
    const count = name === 'hangs' || name === 'drips' ? 400 : 50
    const end = gate()
    t.after(() => end.open())
    service.answers(fault(end))
    const others = [...many(100, ask, () => 'same'), ...many(40, ask, (n) => `other-${n}`)]
    assert.equal(kinds(await Promise.all(many(count, ask, () => 'known'))), '200')
    end.open()
    assert.equal(kinds(await Promise.all(others)), '503')
    assert.ok(service.requests.length <= 1 + 2 * 41, String(service.requests.length))
    const before = service.requests.length
    assert.equal(kinds(await Promise.all(many(50, ask, (n) => `paused-${n}`))), '503')
    assert.equal(service.requests.length, before)
    assert.equal(upstream.requests.length, 100 + count)
    service.answers(active())
    skip(1_000)
    assert.equal(await ask('after'), 200)
    service.answers({ body: '{"active":false}' })
    assert.equal(kinds(await Promise.all(many(20, ask, () => 'revoked'))), '401')
  })

test('a kept connection that ends as it is used again loses no look-up', async (t) => {
  const service = await fakeUpstream(t, active())
  const { ask } = await tokenLoad(t, introspection(service))
  assert.equal(kinds(await Promise.all(many(50, ask, (n) => `first-${n}`))), '200')
  for (const by of ['close', 'reset'] as const) {
    service.breakReused(5, by)
    assert.equal(kinds(await Promise.all(many(100, ask, (n) => `${by}-${n}`))), '200')
  }
  await Promise.all(service.connections.map(async (connection) => connection.close()))
  assert.equal(kinds(await Promise.all(many(100, ask, (n) => `closed-${n}`))), '200')
})

test('without a cache the service is asked with every request, and with one once for a minute', async (t) => {
  for (const [cache, looks] of [
    [false, 6],
    [undefined, 2]
  ] as const) {
    const service = await fakeUpstream(t, active())
    const { ask } = await tokenLoad(t, { ...introspection(service), ...(cache === false && { cache }) })
    for (let n = 0; n < 3; n++) assert.equal(await ask('good'), 200)
    service.answers({ body: '{"active":false}' })
    for (let n = 0; n < 3; n++) assert.equal(await ask('revoked'), 401)
    assert.equal(service.requests.length, looks)
  }
})
