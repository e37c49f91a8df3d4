import assert from 'node:assert/strict'
import { request } from 'node:https'
import { type TestContext, test } from 'node:test'
import { gateway } from '@gatewright/gateway'
import { testCertificates as certificates, fakeUpstream } from '@gatewright/testing'
import { fastify } from 'fastify'
import { guarded } from '../support/guarded.js'
import { selfSigned } from '../support/self-signed.js'

async function listening(t: TestContext, scheme: object) {
  const upstream = await fakeUpstream(t)
  const { ca, server } = certificates
  const app = fastify({ https: { ...server, ca, requestCert: true, rejectUnauthorized: false } })
  await app.register(gateway, {
    accessLog: false,
    pools: { api: { endpoints: [upstream.url] } },
    authentication: {
      schemes: { services: { type: 'mtls', ...scheme } as never },
      consumers: { billing: { roles: ['internal'] } },
      headers: { 'x-subject': 'subject', 'x-consumer': 'consumer', 'x-roles': 'roles' }
    },
    routes: [{ path: '/*', pool: 'api', auth: 'services' }]
  })
  t.after(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  const ask = (identity: { cert?: string; key?: string }): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', ca, agent: false, ...identity }, (response) => {
        response.resume()
        resolve(response.statusCode as number)
      })
        .on('error', reject)
        .end()
    })
  return { ask, upstream }
}

test('a certificate that the listener trusts is an identity; none, and one of another authority, are not', async (t) => {
  const { ask, upstream } = await listening(t, { allow: [{ cn: 'client', consumer: 'billing' }] })
  assert.equal(await ask(certificates.client), 200)
  const [seen] = upstream.requests
  assert.deepEqual(
    [seen?.header('x-subject'), seen?.header('x-consumer'), seen?.header('x-roles')],
    ['client', 'billing', 'internal']
  )
  assert.equal(await ask({}), 401)
  assert.equal(await ask(selfSigned), 401)
  assert.equal(upstream.requests.length, 1)
})

test('a certificate that no rule lets in is refused', async (t) => {
  const { ask } = await listening(t, { allow: [{ cn: 'other' }] })
  assert.equal(await ask(certificates.client), 401)
})

test('a connection without TLS has no certificate: 401, and no fault of the gateway', async (t) => {
  const { ask, upstream } = await guarded(
    t,
    { schemes: { mesh: { type: 'mtls', allow: [{ uri: 'spiffe://acme.test/*' }] } } },
    { auth: 'mesh' }
  )
  const { status, reason } = await ask()
  assert.deepEqual([status, reason], [401, 'unauthenticated'])
  assert.equal(upstream.requests.length, 0)
})
