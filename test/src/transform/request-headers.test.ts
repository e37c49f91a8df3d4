import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { RouteConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

/** What the upstream gets of a request to a route with this transform. */
async function upstreamSees(
  t: TestContext,
  transform: NonNullable<RouteConfig['transform']>,
  headers: Record<string, string> = {},
  path = '/users/7'
) {
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, {
    pools: { users: { endpoints: [upstream.url] } },
    routes: [{ id: 'users', path: '/users/:id', pool: 'users', transform }]
  })
  const response = await fetch(url + path, { headers })
  assert.equal(response.status, 200)
  await response.text()
  return upstream.requests[0]
}

test('a request header is set, and the client cannot send its own', async (t) => {
  const seen = await upstreamSees(
    t,
    { request: { headers: { set: { 'X-User': 'u-{params.id}' } } } },
    { 'x-user': 'admin' }
  )
  assert.deepEqual(seen?.headerAll('x-user'), ['u-7'])
})
