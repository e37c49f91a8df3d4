import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { DiscoveredEndpoints } from '@gatewright/discovery'
import type { PoolConfig } from '@gatewright/gateway'
import { fakeUpstream, gate, testCertificates } from '@gatewright/testing'
import { ensureCommand } from '../support/debian.js'
import { type DnsServer, startDnsmasq } from '../support/dnsmasq.js'
import { until } from '../support/leaks.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 30_000 }

async function discovering(
  t: TestContext,
  pool: PoolConfig
): Promise<StartedGateway & { failures: string[] }> {
  const failures: string[] = []
  const started = await startGateway(t, {
    pools: { upstream: pool },
    routes: [{ path: '/*', pool: 'upstream' }]
  })
  started.gateway.app.gateway.events.on('discovery_failed', ({ error }) => void failures.push(String(error)))
  return { ...started, failures }
}

function urls({ gateway }: StartedGateway): string[] {
  return gateway.app.gateway.pool('upstream').endpoints.map(({ url }) => url)
}

async function dns(t: TestContext, ...lines: string[]): Promise<DnsServer | null> {
  const command = await ensureCommand(t, 'dnsmasq', { package: 'dnsmasq-base' })
  return command === null ? null : startDnsmasq(t, command, ...lines)
}

test('addresses come from DNS, and follow it when it changes', { timeout: 200_000 }, async (t) => {
  const server = await dns(t, 'host-record=app.test,127.0.0.1')
  if (server === null) return
  const upstream = await fakeUpstream(t, { body: 'found' })
  const { port } = upstream
  const started = await discovering(t, {
    discovery: { dns: 'app.test', port, server: server.address, minRefresh: '50ms' }
  })
  assert.deepEqual(urls(started), [`http://127.0.0.1:${port}`])
  assert.equal(await (await fetch(started.url)).text(), 'found')

  const { endpoints } = started.gateway.app.gateway.pool('upstream')
  await server.knows('address=/app.test/127.0.0.1', 'address=/app.test/127.0.0.2')
  await until(() => urls(started).length === 2)
  assert.deepEqual(urls(started), [`http://127.0.0.1:${port}`, `http://127.0.0.2:${port}`])
  assert.equal(started.gateway.app.gateway.pool('upstream').endpoints[0], endpoints[0])

  // A name that is gone, and a server that is gone, leave what was known.
  await server.knows()
  await until(() => started.failures.length > 0)
  assert.equal(urls(started).length, 2)
})

test('what DNS finds is asked for by the name that was looked up, in Host and in the handshake', {
  timeout: 200_000
}, async (t) => {
  const server = await dns(t, 'host-record=wrong.test,127.0.0.1')
  if (server === null) return
  const { ca, wrongName } = testCertificates
  const plain = await fakeUpstream(t)
  const secure = await fakeUpstream(t, {}, { tls: wrongName })
  const asked = { dns: 'wrong.test', server: server.address }
  const overHttp = await discovering(t, {
    discovery: { ...asked, port: plain.port },
    health: { interval: '10ms', fastInterval: '10ms' }
  })
  const overTls = await discovering(t, {
    discovery: { ...asked, port: secure.port, protocol: 'https' },
    tls: { ca },
    health: { interval: '10ms', fastInterval: '10ms', unhealthyThreshold: 1 }
  })
  for (const [{ url }, upstream] of [
    [overHttp, plain],
    [overTls, secure]
  ] as const) {
    assert.equal((await fetch(url)).status, 200)
    await until(() =>
      upstream.requests.some((request) => request.header('user-agent') === 'gatewright-health')
    )
    const hosts = new Set(upstream.requests.map((request) => request.header('host')))
    assert.deepEqual([...hosts], [`wrong.test:${upstream.port}`])
  }
  const { socket } = await secure.connection(1)
  assert.equal((socket as TLSSocket).servername, 'wrong.test')
  // For everything else an endpoint is its address.
  assert.deepEqual(urls(overTls), [`https://127.0.0.1:${secure.port}`])
  const named = await discovering(t, { discovery: { ...asked, port: plain.port, authority: 'shop.test' } })
  await fetch(named.url)
  assert.ok(plain.requests.some((request) => request.header('host') === 'shop.test'))
})

test('IPv6 addresses come from AAAA records', { timeout: 200_000 }, async (t) => {
  const server = await dns(t, 'host-record=app.test,127.0.0.1,::1')
  if (server === null) return
  const upstream = await fakeUpstream(t, { body: 'six' }, { address: '::1' })
  const started = await discovering(t, {
    discovery: { dns: 'app.test', type: 'AAAA', port: upstream.port, server: server.address }
  })
  assert.deepEqual(urls(started), [`http://[::1]:${upstream.port}`])
  assert.equal(await (await fetch(started.url)).text(), 'six')
  assert.equal(upstream.requests[0]?.header('host'), `app.test:${upstream.port}`)
})

test('SRV records bring ports and weights; only the first priority counts', {
  timeout: 200_000
}, async (t) => {
  const server = await dns(
    t,
    'srv-host=_http._tcp.app.test,one.test,8001,10,5',
    'srv-host=_http._tcp.app.test,two.test,8002,10,0',
    'srv-host=_http._tcp.app.test,spare.test,8003,20,5'
  )
  if (server === null) return
  const started = await discovering(t, {
    discovery: { dns: '_http._tcp.app.test', type: 'SRV', server: server.address }
  })
  assert.deepEqual(
    started.gateway.app.gateway.pool('upstream').endpoints.map(({ url, weight }) => [url, weight]),
    [
      ['http://one.test:8001', 5],
      ['http://two.test:8002', 1]
    ]
  )
})

test(
  'a file is read again when it is replaced; a wrong one changes nothing and is told',
  bounded,
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'gatewright-file-'))
    t.after(() => rm(folder, { recursive: true }))
    const file = join(folder, 'endpoints.json')
    const write = async (text: string): Promise<void> => {
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
    }
    await write('["http://127.0.0.1:1", { "url": "http://127.0.0.1:2", "weight": 3 }]')
    const started = await discovering(t, { discovery: { file } })
    assert.deepEqual(urls(started), ['http://127.0.0.1:1', 'http://127.0.0.1:2'])
    await write('[{ "url": "http://127.0.0.1:2", "authority": "two.test" }]')
    await until(() => urls(started).length === 1)
    const [two] = started.gateway.app.gateway.pool('upstream').endpoints
    assert.deepEqual([two?.weight, two?.host], [1, 'two.test'])
    await write('["htp://wrong"]')
    await until(() => started.failures.length > 0)
    assert.match(started.failures[0] ?? '', /endpoints\[0\]: 'htp:\/\/wrong' must begin with http/)
    assert.deepEqual(urls(started), ['http://127.0.0.1:2'])
  }
)

test('a list behind a swapped link, as in a ConfigMap, is read again', bounded, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-file-'))
  t.after(() => rm(folder, { recursive: true }))
  const publish = async (version: string, endpoints: string[]): Promise<void> => {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'endpoints.json'), JSON.stringify(endpoints))
    await symlink(version, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  const one = await fakeUpstream(t, { body: 'one' })
  const two = await fakeUpstream(t, { body: 'two' })
  await publish('..1', [one.url])
  await symlink('..data/endpoints.json', join(folder, 'endpoints.json'))
  const started = await discovering(t, { discovery: { file: join(folder, 'endpoints.json') } })
  assert.equal(await (await fetch(started.url)).text(), 'one')
  await publish('..2', [two.url])
  await rm(join(folder, '..1'), { recursive: true })
  await until(() => urls(started)[0] === two.url)
  assert.equal(await (await fetch(started.url)).text(), 'two')
  assert.deepEqual(started.failures, [])
})

test('a source of one’s own: endpoints that leave finish what they have', bounded, async (t) => {
  const one = await fakeUpstream(t)
  const two = await fakeUpstream(t, { body: 'two' })
  const next = gate()
  async function* source(): AsyncGenerator<DiscoveredEndpoints> {
    yield [one.url]
    await next
    yield [two.url]
    await new Promise(() => {})
  }
  const started = await discovering(t, { discovery: { source } })
  const held = one.hold()
  const first = fetch(`${started.url}/1`)
  const { respond } = await held
  next.open()
  await until(() => urls(started)[0] === two.url)
  assert.equal(await (await fetch(`${started.url}/2`)).text(), 'two')
  await respond.answer({ body: 'one' })
  assert.equal(await (await first).text(), 'one')
  // Its connection is of no use any more.
  await one.connectionClosed(1)
})

test('until something is found, requests are told that there is no endpoint', {
  timeout: 30_000
}, async (t) => {
  async function* source(): AsyncGenerator<DiscoveredEndpoints> {
    await new Promise(() => {})
    yield []
  }
  const started = await discovering(t, { discovery: { source } })
  assert.equal((await fetch(started.url)).status, 503)
})

test('what is missing or does not fit is a problem at the start', bounded, async (t) => {
  const rows: [PoolConfig, RegExp][] = [
    [{ discovery: { dns: 'a.test' } }, /pools\.upstream\.discovery: 'port' is missing/],
    [{ discovery: { dns: 'a.test', type: 'SRV', port: 1 } }, /SRV records bring their own ports/],
    [{ discovery: { dns: 'http://a.test', port: 1 } }, /dns: 'http:\/\/a\.test' must be a host/],
    [{ discovery: { dns: 'a.test', port: 1, authority: 'b/c' } }, /authority: 'b\/c' must be a host with/],
    [{ discovery: { dns: 'a.test', port: 1, server: 'dns' } }, /'dns' must be an address such as/],
    [{ discovery: { source: 1 as never } }, /source: must be a function/],
    [{}, /give 'endpoints', 'discovery' or both/]
  ]
  for (const [pool, message] of rows) await assert.rejects(discovering(t, pool), message)
})
