import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { rawRequest } from '@gatewright/testing'
import Fastify from 'fastify'

test('a logger of the app’s own is the one that is written to, with its own form', async (t) => {
  const lines = new PassThrough()
  const logger = Fastify({ logger: { base: { app: 'mine' }, stream: lines } }).log
  const gateway = createGateway({ logger, accessLog: false })
  t.after(() => gateway.close())
  await gateway.ready()
  gateway.app.log.info('through it')
  const line = JSON.parse(String(lines.read()).trim().split('\n').at(-1) ?? '')
  assert.deepEqual([line.app, line.msg, line.level], ['mine', 'through it', 30])
})

test('a refused path reaches no native route, be it one for every path', async (t) => {
  const gateway = createGateway({ logger: false, accessLog: false, shutdown: { signals: false } })
  t.after(() => gateway.close())
  const seen: string[] = []
  gateway.app.all('/*', async ({ url }) => void seen.push(url))
  const url = new URL(await gateway.listen({ port: 0, host: '127.0.0.1' }))
  const { status } = await rawRequest(Number(url.port), 'GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(status, 400)
  assert.deepEqual(seen, [])
})

test('a connection carries 10,000 requests, unless the server says otherwise', async (t) => {
  for (const [server, most] of [
    [{}, 10_000],
    [{ maxRequestsPerSocket: 5 }, 5]
  ] as const) {
    const gateway = createGateway({ server, logger: false, accessLog: false })
    t.after(() => gateway.close())
    await gateway.ready()
    assert.equal(gateway.app.server.maxRequestsPerSocket, most)
  }
})

test('a start has a minute, for tables of many thousands of routes on a slow processor', async (t) => {
  const gateway = createGateway({ logger: false, accessLog: false })
  t.after(() => gateway.close())
  await gateway.ready()
  assert.equal(gateway.app.initialConfig.pluginTimeout, 60_000)
})
