import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { crlf, fakeUpstream, type RawResponse, rawRequest } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__'
]

const clean = Object.getOwnPropertyNames(Object.prototype).sort()

afterEach(() => {
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), clean)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

function ask(port: number, target: string, lines: readonly string[] = [], body = ''): Promise<RawResponse> {
  const head = [`POST ${target} HTTP/1.1`, 'Host: a', `Content-Length: ${body.length}`, ...lines, '', '']
  return rawRequest(port, head.join('\r\n') + body)
}

test('header, query and path names that are special to JavaScript are forwarded like any other', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { underscores: 'keep' })
  for (const name of NAMES) {
    const target = `/${name}/x?${name}[polluted]=1&${name}=2`
    assert.equal((await ask(port, target, [`${name}: 1`, `${name}: 2`])).status, 200)
    assert.equal(upstream.requests.at(-1)?.target, target)
    assert.deepEqual(upstream.requests.at(-1)?.headerAll(name), ['1', '2'])
  }
})

test('answers with such header names are relayed, and set nothing', async (t) => {
  const upstream = await fakeUpstream(t, { headers: NAMES.map((name) => [name, 'polluted'] as const) })
  const { port } = await startGateway(t, upstream.url)
  const response = await ask(port, '/')
  for (const name of NAMES.filter((name) => name !== '__proto__'))
    assert.deepEqual(response.headerAll(name), ['polluted'], name)
})

test('conditions on such names look at the request and not at what every object has', async (t) => {
  const upstream = await fakeUpstream(t)
  for (const key of ['headers', 'query'] as const)
    for (const name of NAMES) {
      // Node leaves this one header out.
      if (key === 'headers' && name === '__proto__') continue
      const condition = JSON.parse(`{"${key}":{"${name}":{"exists":true}}}`)
      const { port } = await startGateway(t, singlePool(upstream.url, {}, condition), { underscores: 'keep' })
      assert.equal((await ask(port, '/')).status, 404, `${key} ${name}`)
      const response = key === 'query' ? await ask(port, `/?${name}=1`) : await ask(port, '/', [`${name}: 1`])
      assert.equal(response.status, 200, `${key} ${name}`)
    }
})

test('path parameters of such names are what the path says', async (t) => {
  const upstream = await fakeUpstream(t)
  for (const name of NAMES.filter((name) => !name.startsWith('_'))) {
    const { port } = await startGateway(t, {
      pools: { upstream: { endpoints: [upstream.url] } },
      routes: [{ path: `/in/:${name}`, pool: 'upstream', rewrite: { set: `/out/:${name}` } }]
    })
    await ask(port, '/in/value')
    assert.equal(upstream.requests.at(-1)?.target, '/out/value', name)
  }
})

test('a parameter that the path does not have stops the start, whatever its name', async () => {
  for (const name of NAMES)
    await assert.rejects(
      createGateway({
        ...singlePool('http://a', {}, { rewrite: { set: `/out/:${name}` } }),
        logger: false,
        accessLog: false
      }).ready(),
      (error: Error) => error.message.includes(`':${name}' is no parameter of '/*'`),
      name
    )
})

for (const name of NAMES) {
  test(`the name '${name}' in a configuration is a name like any other, or a problem`, async () => {
    const parse = (text: string): GatewayServerConfig => JSON.parse(text.replaceAll('NAME', name))
    for (const text of [
      '{ "routes": [{ "path": "/*", "pool": "NAME" }] }',
      '{ "pools": { "p": { "endpoints": ["http://a"] } }, "routes": [{ "path": "/*", "pool": "p", "use": ["NAME"] }] }',
      '{ "pools": { "p": { "endpoints": ["http://a"], "balancing": "NAME" } } }',
      '{ "pools": { "p": { "endpoints": ["http://a"], "NAME": { "polluted": true } } } }',
      '{ "NAME": { "polluted": true } }',
      '{ "paths": { "NAME": "x" } }',
      '{ "pools": { "p": { "endpoints": ["http://a"], "tls": { "NAME": "x" } } } }',
      '{ "routes": [{ "path": "/", "respond": {}, "NAME": { "polluted": true } }] }'
    ])
      await assert.rejects(
        createGateway({ ...parse(text), logger: false, accessLog: false }).ready(),
        { code: 'GW_CONFIG_INVALID' },
        text
      )
  })

  test(`a pool and a policy called '${name}' are like any other, or a problem`, async (t) => {
    const upstream = await fakeUpstream(t)
    const config: GatewayServerConfig = JSON.parse(
      JSON.stringify({
        pools: { POOL: { endpoints: [upstream.url] } },
        policies: { POLICY: { rewrite: { addPrefix: '/in' } } },
        routes: [{ path: '/*', pool: 'POOL', use: ['POLICY'] }]
      }).replaceAll(/POOL|POLICY/g, name)
    )
    if (name === '__proto__') {
      const gateway = createGateway({ ...config, logger: false, accessLog: false })
      await assert.rejects(gateway.ready(), /pools: '__proto__' cannot be an id/)
      return
    }
    const { port } = await startGateway(t, config)
    assert.equal((await ask(port, '/x')).status, 200)
    assert.equal(upstream.requests[0]?.target, '/in/x')
  })
}

test('a JSON body with a prototype is refused when a hook reads it, and forwarded untouched when none does', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [
      { path: '/raw', pool: 'upstream' },
      {
        path: '/read',
        pool: 'upstream',
        hooks: { preHandler: async ({ exchange }) => void (await exchange?.json()) }
      }
    ]
  })
  for (const body of ['{"__proto__":{"polluted":1}}', '{"a":{"constructor":{"prototype":{"polluted":1}}}}']) {
    assert.equal((await ask(port, '/read', [], body)).status, 400)
    assert.equal((await ask(port, '/raw', ['Content-Type: application/json'], body)).status, 200)
    assert.equal(upstream.requests.at(-1)?.body.toString(), body)
  }
  assert.equal(upstream.requests.length, 2)
  const response = await rawRequest(port, crlf`POST /read HTTP/1.1\nHost: a\nContent-Length: 9\n\n{"ok":[]}`)
  assert.equal(response.status, 200)
})
