import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { fakeUpstream } from './fake-upstream.js'
import { rawRequest } from './raw-client.js'
import { testCertificates } from './test-certificates.js'

const { ca, server, wrongName, expired, client } = testCertificates
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

for (const servername of ['localhost', ''])
  test(`a client that trusts the authority accepts the server certificate (${servername || '127.0.0.1'})`, async (t) => {
    const upstream = await fakeUpstream(t, {}, { tls: server })
    assert.equal(upstream.url, `https://127.0.0.1:${upstream.port}`)
    const { status } = await rawRequest(upstream.url, GET, { tls: { ca, ...(servername && { servername }) } })
    assert.equal(status, 200)
  })

for (const [what, tls, trusted, code] of [
  ['of an unknown authority', server, undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['for another name', wrongName, ca, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['that has expired', expired, ca, 'CERT_HAS_EXPIRED']
] as const)
  test(`a certificate ${what} is refused`, async (t) => {
    const upstream = await fakeUpstream(t, {}, { tls })
    const options = { tls: { servername: 'localhost', ...(trusted && { ca: trusted }) } }
    await assert.rejects(rawRequest(upstream.url, GET, options), { code })
    assert.equal(upstream.requests.length, 0)
  })

test('an upstream that asks for a client certificate gets it', async (t) => {
  const tls = { ...server, ca, requestCert: true, rejectUnauthorized: true }
  const upstream = await fakeUpstream(t, {}, { tls })
  await rawRequest(upstream.url, GET, { tls: { ca, ...client } })
  const { socket } = await upstream.connection(1)
  assert.equal((socket as TLSSocket).getPeerCertificate().subject.CN, 'client')
  await assert.rejects(rawRequest(upstream.url, GET, { tls: { ca } }))
  assert.equal(upstream.requests.length, 1)
})
