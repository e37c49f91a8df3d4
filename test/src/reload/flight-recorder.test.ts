import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, reloadSuite } from '@gatewright/testing'
import type { FastifyInstance } from 'fastify'
import { reloading } from '../support/reloading.js'

const configured = (flightRecorder: GatewayServerConfig['flightRecorder']): GatewayServerConfig => ({
  logger: false,
  accessLog: false,
  ...(flightRecorder === undefined ? {} : { flightRecorder }),
  pools: { main: { endpoints: ['http://a.test'] } },
  routes: [{ id: 'all', path: '/*', pool: 'main' }]
})

reloadSuite('the flight recorder', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => configured({ recent: 20, failures: 10 }),
  changed: () => configured({ recent: 10, failures: 20 }),
  off: () => configured(undefined),
  observe(app) {
    const { flightRecorder } = app as FastifyInstance
    return { ...flightRecorder.size, last: flightRecorder.last(100).length }
  }
})

const idOf = async (url: string): Promise<string> => String((await fetch(url)).headers.get('x-request-id'))

test('a recorder comes, changes its size and goes while requests are under way', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'fine' })
  const config: GatewayServerConfig = {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api' }]
  }
  const { gateway, url, change } = await reloading(t, config)
  const { app } = gateway
  const unseen = await idOf(url)
  assert.match(gateway.why(unseen), /^Nothing is kept/)

  await change({ flightRecorder: { recent: 3, failures: 1 } })
  const ids = [await idOf(url), await idOf(url), await idOf(url), await idOf(url)]
  const [gone = '', second = '', third = '', fourth = ''] = ids
  assert.match(gateway.why(gone), /is not kept: only the last 3 requests/)
  assert.match(gateway.why(second), new RegExp(second))

  await change({ flightRecorder: { recent: 2, failures: 1 } })
  assert.match(gateway.why(second), /is not kept: only the last 2 requests/)
  for (const id of [third, fourth]) assert.match(gateway.why(id), /200/)
  await change({ flightRecorder: { recent: 5, failures: 1 } })
  const fifth = await idOf(url)
  assert.deepEqual(
    app.flightRecorder.last().map(({ requestId }) => requestId),
    [fifth, fourth, third]
  )

  await change({ flightRecorder: false })
  await idOf(url)
  assert.deepEqual(app.flightRecorder.size, { recent: 0, failures: 0 })
  assert.match(gateway.why(fifth), /^Nothing is kept/)
})

test('nobody puts events together for a recorder that is off', async (t) => {
  const { gateway, change } = await reloading(t, { routes: [{ path: '/*', respond: {} }] })
  const { events } = gateway.app.gateway
  assert.equal(events.has('breaker'), false)
  await change({ flightRecorder: true })
  assert.equal(events.has('breaker'), true)
  await change({ flightRecorder: true })
  await change({})
  assert.equal(events.has('breaker'), false)
})
