import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { TLSSocket, TlsOptions } from 'node:tls'
import type { PoolConfig } from '@gatewright/gateway'
import {
  crlf,
  type FakeUpstream,
  fakeUpstream,
  type RawResponse,
  rawRequest,
  testCertificates
} from '@gatewright/testing'
import { selfSigned } from '../support/self-signed.js'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const { ca, server, wrongName, expired, client } = testCertificates

function secure(t: TestContext, tls: TlsOptions = server): Promise<FakeUpstream> {
  return fakeUpstream(t, { body: 'safe' }, { tls })
}

const REQUEST = crlf`POST /secret HTTP/1.1
Host: evil.test
Authorization: Bearer secret
Content-Length: 6

secret`

interface Case {
  readonly what: string
  readonly tls: TlsOptions
  readonly pool: PoolConfig['tls']
}

const REFUSED: readonly Case[] = [
  { what: 'signed by nobody', tls: selfSigned, pool: {} },
  { what: 'signed by nobody, where another authority is trusted', tls: selfSigned, pool: { ca } },
  { what: 'signed by an authority that is not trusted', tls: server, pool: {} },
  {
    what: 'signed by another authority than the one that is trusted',
    tls: server,
    pool: { ca: selfSigned.cert }
  },
  { what: 'for another name', tls: wrongName, pool: { ca } },
  { what: 'for another name than the one configured', tls: server, pool: { ca, servername: 'other.test' } },
  { what: 'out of date', tls: expired, pool: { ca } },
  { what: 'for clients', tls: client, pool: { ca } },
  {
    what: 'good, but with an older TLS than configured',
    tls: { ...server, maxVersion: 'TLSv1.2' },
    pool: { ca, minVersion: 'TLSv1.3' }
  },
  {
    what: 'good, but wants a client certificate',
    tls: { ...server, ca, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' },
    pool: { ca }
  }
]

for (const { what, tls, pool } of REFUSED)
  for (const name of ['127.0.0.1', 'localhost'])
    test(`an upstream at ${name} whose certificate is ${what} gets nothing, and the client 502`, async (t) => {
      const upstream = await secure(t, tls)
      const started = await startGateway(
        t,
        singlePool(`https://${name}:${upstream.port}`, { tls: pool ?? {} })
      )
      const exchanges = watchExchanges(started)
      const response = await rawRequest(started.port, REQUEST)
      assert.equal(response.status, 502)
      assert.equal(JSON.parse(response.text).reason, 'upstream_tls_failed')
      assert.equal(upstream.requests.length, 0)
      const [attempt] = (await exchanges.nth(1)).attempts
      assert.equal(attempt?.sent, false)
    })

test('an https endpoint that does not speak TLS gets nothing, and the client 502', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, singlePool(`https://127.0.0.1:${upstream.port}`, { tls: { ca } }))
  const response = await rawRequest(port, REQUEST)
  assert.equal(JSON.parse(response.text).reason, 'upstream_tls_failed')
  assert.equal(upstream.requests.length, 0)
  // It takes the hello of TLS for a malformed request.
  assert.equal(upstream.takeProblems().length, 1)
})

async function exchanged(
  t: TestContext,
  upstream: FakeUpstream,
  name: string,
  tls: PoolConfig['tls'],
  preserveHost = false
): Promise<{ response: RawResponse; socket: TLSSocket }> {
  const endpoint = `https://${name}:${upstream.port}`
  const { port } = await startGateway(t, singlePool(endpoint, { tls: tls ?? {} }, { preserveHost }))
  const response = await rawRequest(port, REQUEST)
  return { response, socket: (await upstream.connection(1)).socket as TLSSocket }
}

for (const name of ['127.0.0.1', 'localhost'])
  test(`an upstream at ${name} with a trusted certificate is served, in TLS 1.3`, async (t) => {
    const upstream = await secure(t)
    const { response, socket } = await exchanged(t, upstream, name, { ca })
    assert.equal(response.text, 'safe')
    assert.equal(socket.getProtocol(), 'TLSv1.3')
    assert.equal(upstream.requests[0]?.body.toString(), 'secret')
  })

test('the name in the handshake is the endpoint’s, whatever Host the client sends and the route preserves', async (t) => {
  for (const preserveHost of [false, true]) {
    const upstream = await secure(t)
    const { response, socket } = await exchanged(t, upstream, 'localhost', { ca }, preserveHost)
    assert.equal(response.status, 200)
    assert.equal(socket.servername, 'localhost')
    assert.equal(
      upstream.requests[0]?.header('host'),
      preserveHost ? 'evil.test' : `localhost:${upstream.port}`
    )
  }
})

test('a certificate for the name in Host is worth nothing', async (t) => {
  const upstream = await secure(t, wrongName)
  const { port } = await startGateway(
    t,
    singlePool(`https://localhost:${upstream.port}`, { tls: { ca } }, { preserveHost: true })
  )
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: wrong.test\n\n`)
  assert.equal(JSON.parse(response.text).reason, 'upstream_tls_failed')
  assert.equal(upstream.requests.length, 0)
})

test('an address has no name in the handshake, and a configured name is sent and verified', async (t) => {
  const byAddress = await secure(t)
  const { socket } = await exchanged(t, byAddress, '127.0.0.1', { ca })
  assert.ok(!socket.servername)
  const byName = await secure(t, wrongName)
  const named = await exchanged(t, byName, '127.0.0.1', { ca, servername: 'wrong.test' })
  assert.equal(named.response.status, 200)
  assert.equal(named.socket.servername, 'wrong.test')
})

test('an endpoint with an authority is asked for by it, in Host, in the handshake and in verification', async (t) => {
  const upstream = await secure(t, wrongName)
  const url = `https://127.0.0.1:${upstream.port}`
  const authority = `wrong.test:${upstream.port}`
  const asked = async (one: string, tls: NonNullable<PoolConfig['tls']>): Promise<number> => {
    const { port } = await startGateway(t, singlePool([{ url, authority: one }], { tls }))
    return (await rawRequest(port, REQUEST)).status
  }
  assert.equal(await asked(authority, { ca }), 200)
  assert.equal(upstream.requests[0]?.header('host'), authority)
  assert.equal(((await upstream.connection(1)).socket as TLSSocket).servername, 'wrong.test')
  assert.equal(await asked('right.test', { ca }), 502)
  assert.equal(await asked('right.test', { ca, servername: 'wrong.test' }), 200)
  assert.equal(upstream.requests[1]?.header('host'), 'right.test')
})

test('the client certificate is sent', async (t) => {
  const upstream = await secure(t, { ...server, ca, requestCert: true, rejectUnauthorized: true })
  const { response, socket } = await exchanged(t, upstream, 'localhost', { ca, ...client })
  assert.equal(response.status, 200)
  assert.equal(socket.getPeerCertificate().subject.CN, 'client')
})

test('connections of one pool are not lent to another with other TLS settings', async (t) => {
  const upstream = await secure(t, { ...server, ca, requestCert: true, rejectUnauthorized: false })
  const endpoints = [`https://localhost:${upstream.port}`]
  const { port } = await startGateway(t, {
    pools: {
      known: { endpoints, tls: { ca, ...client } },
      unknown: { endpoints, tls: { ca } },
      wary: { endpoints, tls: { ca: selfSigned.cert } }
    },
    routes: ['known', 'unknown', 'wary'].map((pool) => ({ path: `/${pool}`, pool }))
  })
  const status = async (pool: string): Promise<number> =>
    (await rawRequest(port, crlf`GET /${pool} HTTP/1.1\nHost: a\n\n`)).status
  assert.deepEqual([await status('known'), await status('unknown'), await status('wary')], [200, 200, 502])
  const subjects = upstream.connections.map(
    ({ socket }) => (socket as TLSSocket).getPeerCertificate().subject?.CN
  )
  assert.deepEqual(subjects, ['client', undefined])
})

for (const [what, tls] of [
  ['signed by nobody', selfSigned],
  ['for another name', wrongName],
  ['out of date', expired]
] as const)
  test(`with insecureBecause a certificate that is ${what} is taken, and the start says so`, async (t) => {
    const upstream = await secure(t, tls)
    const warnings: string[] = []
    const { port } = await startGateway(
      t,
      singlePool(`https://localhost:${upstream.port}`, { tls: { insecureBecause: 'a laboratory' } }),
      { logger: { level: 'warn', stream: { write: (line: string) => warnings.push(line) } } }
    )
    assert.equal((await rawRequest(port, REQUEST)).text, 'safe')
    const [warning, ...more] = warnings.map((line) => JSON.parse(line))
    assert.deepEqual(more, [])
    assert.match(warning.msg, /NOT verified/)
    assert.deepEqual([warning.pool, warning.because], ['upstream', 'a laboratory'])
  })

test('a reason too short to be one does not turn verification off', async (t) => {
  const upstream = await secure(t, selfSigned)
  await assert.rejects(
    startGateway(t, singlePool(`https://localhost:${upstream.port}`, { tls: { insecureBecause: 'no' } })),
    /insecureBecause/
  )
})
