import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  createServer as createHttp2,
  createSecureServer as createSecureHttp2,
  type SecureServerOptions
} from 'node:http2'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Endpoint, type PoolSettings } from '@gatewright/core'
import { fakeUpstream, type Script, testCertificates } from '@gatewright/testing'
import type { HealthConfig } from './config/config.js'
import { probe } from './probe.js'
import { targetOf } from './probe-target.js'
import { type ProbeSettings, resolveProbes } from './settings.js'
import type { ProbeOutcome } from './verdict.js'

const bounded = { timeout: 20_000 }
const TLS = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as PoolSettings['tls']

function ask(
  url: string,
  config: HealthConfig,
  tls = TLS,
  signal: AbortSignal = new AbortController().signal
): Promise<ProbeOutcome> {
  const endpoint = new Endpoint('p', new URL(new URL(url).origin), 1)
  return probe(targetOf(endpoint, tls, '', url), resolveProbes(config) as ProbeSettings, signal)
}

const HTTP: [that: string, Script, HealthConfig, string, RegExp][] = [
  ['an expected status', { status: 204 }, {}, 'healthy', /status 204/],
  ['another status', { status: 500 }, {}, 'unhealthy', /status 500/],
  ['a degraded status', { status: 429 }, { degradedStatus: '429' }, 'degraded', /status 429/],
  ['the expected text', { body: 'all good' }, { expectedBody: 'good' }, 'healthy', /200/],
  ['another text', { body: 'bad' }, { expectedBody: 'good' }, 'unhealthy', /body/],
  [
    'a body that a function takes',
    { body: '{"up":1}' },
    { expectedBody: (body) => JSON.parse(body).up === 1 },
    'healthy',
    /200/
  ],
  [
    'a body at which that function throws',
    { body: 'x' },
    { expectedBody: (body) => JSON.parse(body).up },
    'unhealthy',
    /JSON/
  ],
  ['no answer', { cut: 'before-head', end: 'reset' }, {}, 'unhealthy', /ECONNRESET|hang up/]
]

for (const [that, script, config, result, because] of HTTP)
  test(`an HTTP probe that meets ${that} finds ${result}`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, script)
    const outcome = await ask(`${upstream.url}/health`, config)
    assert.equal(outcome.result, result)
    assert.match(outcome.because, because)
  })

test('an HTTP probe asks as it is told', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  await ask(`${upstream.url}/status?deep=1`, { method: 'HEAD', headers: { 'x-probe': 'yes' } })
  const [request] = upstream.requests
  assert.deepEqual(
    [request?.method, request?.target, request?.header('x-probe')],
    ['HEAD', '/status?deep=1', 'yes']
  )
})

test('a probe over TLS verifies the certificate as the pool does', bounded, async (t) => {
  const { ca, server } = testCertificates
  const upstream = await fakeUpstream(t, {}, { tls: server })
  const url = upstream.url.replace('127.0.0.1', 'localhost')
  assert.equal((await ask(url, {}, { ...TLS, ca })).result, 'healthy')
  assert.equal((await ask(url, {})).result, 'unhealthy')
  assert.equal((await ask(url, { protocol: 'tcp' }, { ...TLS, ca })).result, 'healthy')
})

for (const protocol of ['http', 'tcp', 'grpc'] as const)
  test(`a probe of ${protocol} names and verifies the server as requests do`, bounded, async (t) => {
    const { ca, wrongName } = testCertificates
    const named: unknown[] = []
    const options: SecureServerOptions = {
      ...wrongName,
      allowHTTP1: true,
      SNICallback: (name, done) => {
        named.push(name)
        done(null)
      }
    }
    const server = createSecureHttp2(options, (request, response) => {
      named.push(request.headers[':authority'] ?? request.headers.host)
      if (protocol === 'http') return response.end()
      response.writeHead(200, { 'content-type': 'application/grpc' })
      response.addTrailers({ 'grpc-status': '0' })
      response.end(Buffer.from([0, 0, 0, 0, 2, 0x08, 1]))
    })
    t.after(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const settings = resolveProbes({ protocol }) as ProbeSettings
    const { signal } = new AbortController()
    const look = async (authority: string, healthUrl?: string): Promise<string> => {
      const endpoint = new Endpoint('p', new URL(`https://127.0.0.1:${port}`), 1, authority)
      return (await probe(targetOf(endpoint, { ...TLS, ca }, '/', healthUrl), settings, signal)).result
    }
    assert.equal(await look('wrong.test'), 'healthy')
    assert.equal(await look(''), 'unhealthy')
    assert.equal(await look('wrong.test:1', `https://127.0.0.1:${port}/deep`), 'healthy')
    const asked = named.filter((name) => String(name).includes('wrong.test'))
    const hosts = protocol === 'tcp' ? [] : ['wrong.test', `wrong.test:${port}`]
    assert.deepEqual(
      asked,
      hosts.length === 0 ? ['wrong.test', 'wrong.test'] : hosts.flatMap((host) => ['wrong.test', host])
    )
  })

test('a TCP probe connects to an IPv6 address', bounded, async (t) => {
  const server = createServer((socket) => socket.end())
  t.after(() => server.close())
  await once(server.listen(0, '::1'), 'listening')
  const { port } = server.address() as AddressInfo
  assert.equal((await ask(`http://[::1]:${port}`, { protocol: 'tcp' })).result, 'healthy')
})

test('a TCP probe only connects', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  assert.equal((await ask(upstream.url, { protocol: 'tcp' })).result, 'healthy')
  await upstream.close()
  assert.deepEqual(await ask(`http://127.0.0.1:${upstream.port}`, { protocol: 'tcp' }), {
    result: 'unhealthy',
    because: 'ECONNREFUSED'
  })
})

test('a probe that is aborted has failed', bounded, async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const controller = new AbortController()
  const asked = ask(upstream.url, { timeout: '2s' }, TLS, controller.signal)
  await upstream.request(1)
  controller.abort()
  assert.deepEqual(await asked, { result: 'unhealthy', because: 'no response within 2000 ms' })
})

async function grpcServer(t: TestContext, answers: Record<string, number>): Promise<string> {
  const server = createHttp2((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const message = Buffer.concat(chunks).subarray(5)
      const status = answers[message.subarray(2).toString()]
      response.writeHead(200, { 'content-type': 'application/grpc' })
      response.addTrailers({ 'grpc-status': status === undefined ? '5' : '0' })
      if (status === undefined) response.end()
      else response.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a gRPC probe asks the health service', bounded, async (t) => {
  const url = await grpcServer(t, { '': 1, orders: 1, users: 2 })
  const results = await Promise.all(
    ['', 'orders', 'users', 'nobody'].map((service) => ask(url, { protocol: 'grpc', service }))
  )
  assert.deepEqual(
    results.map(({ result, because }) => `${result}: ${because}`),
    ['healthy: SERVING', 'healthy: SERVING', 'unhealthy: NOT_SERVING', 'unhealthy: grpc-status 5']
  )
})

test('a checker of one’s own decides, and one that throws says unhealthy', bounded, async () => {
  const url = 'http://a.test'
  assert.equal((await ask(url, { check: async () => 'degraded' })).result, 'degraded')
  const threw = new Error('no database')
  const failed = await ask(url, { check: () => Promise.reject(threw) })
  assert.deepEqual(failed, { result: 'unhealthy', because: 'no database', threw })
})

const RETURNED: [value: unknown, result: string, because: RegExp][] = [
  [true, 'healthy', /the check said true/],
  [false, 'unhealthy', /the check said false/],
  ['degraded', 'degraded', /said degraded/],
  ['unhealthy', 'unhealthy', /said unhealthy/],
  ['ok', 'unhealthy', /returned 'ok', not 'healthy'/],
  ['Healthy', 'unhealthy', /returned 'Healthy', not/],
  [undefined, 'unhealthy', /returned undefined, not/],
  [null, 'unhealthy', /returned null, not/],
  [1, 'unhealthy', /returned 1, not/],
  [Symbol('x'), 'unhealthy', /returned Symbol\(x\), not/],
  [Object.create(null), 'unhealthy', /returned an object, not/]
]

for (const [value, result, because] of RETURNED)
  test(`a check that returns ${value !== null && typeof value === 'object' ? 'an object' : String(value)} counts as ${result}, awaited or not`, async () => {
    for (const returned of [value, Promise.resolve(value)]) {
      const outcome = await ask('http://a.test', { check: () => returned as Promise<boolean> })
      assert.equal(outcome.result, result)
      assert.match(outcome.because, because)
    }
  })

test('a check may throw anything, and says unhealthy by it', async () => {
  for (const thrown of [null, undefined, 'down', Object.create(null), new Error('down')]) {
    const check = (): never => {
      throw thrown
    }
    assert.equal((await ask('http://a.test', { check })).result, 'unhealthy')
    const rejects = () => Promise.reject(thrown)
    assert.equal((await ask('http://a.test', { check: rejects })).result, 'unhealthy')
  }
})

test(
  'a function of the body that returns no boolean, such as a promise, says unhealthy',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: 'good' })
    for (const value of [Promise.resolve(false), Promise.resolve(true), 'yes', undefined]) {
      const outcome = await ask(upstream.url, { expectedBody: (() => value) as unknown as () => boolean })
      assert.equal(outcome.result, 'unhealthy')
      assert.match(outcome.because, /expectedBody returned .*, not a boolean/)
    }
  }
)
