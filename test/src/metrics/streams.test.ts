import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { Scraped } from '../support/scraped.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

test(
  'an event stream counts by the time to its head; a handler’s own, whose head nobody has seen, does not',
  bounded,
  async (t) => {
    const streams: ServerResponse[] = []
    const upstream = createServer((_request, response) => {
      streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }))
      response.write('data: 1\n\n')
    }).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    t.after(() => upstream.close())
    const { url, gateway } = await startGateway(t, {
      probes: { port: 0, host: '127.0.0.1' },
      metrics: { process: false },
      pools: { app: { endpoints: [`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`] } },
      routes: [
        { id: 'events', path: '/events', pool: 'app' },
        {
          id: 'own',
          path: '/own',
          handler: (_request, reply) => reply.type('text/event-stream').send(Readable.from(['data: 1\n\n']))
        },
        { id: 'page', path: '/page', handler: async () => 'page' }
      ],
      shutdown: { signals: false, wait: '0ms', drain: '0ms' }
    })
    const response = await fetch(`${url}/events`)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    streams[0]?.end('data: 2\n\n')
    while (!(await reader.read()).done);
    await (await fetch(`${url}/own`)).text()
    await (await fetch(`${url}/page`)).text()
    const scrape = async (): Promise<Scraped> =>
      new Scraped(await (await fetch(`http://127.0.0.1:${gateway.probePort}/metrics`)).text())
    await eventually(async () => {
      const shown = await scrape()
      for (const route of ['events', 'own', 'page'])
        assert.equal(shown.value(`proxy_responses_total{route="${route}",class="2xx"}`), 1, route)
    })
    const shown = await scrape()
    const heads = (route: string, what = 'count'): number | undefined =>
      shown.value(`proxy_response_head_seconds_${what}{route="${route}"}`)
    assert.deepEqual([heads('events'), heads('own'), heads('page')], [1, 0, 1])
    const whole = shown.value('proxy_request_duration_seconds_sum{route="events",pool="app"}') ?? 0
    assert.ok((heads('events', 'sum') ?? 1) < whole)
  }
)
