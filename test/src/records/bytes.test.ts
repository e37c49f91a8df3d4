import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { GatewayServerConfig, RouteConfig } from '@gatewright/gateway'
import { crlf, fakeUpstream, rawClient, rawRequest, type Script } from '@gatewright/testing'
import { eventually } from '../support/eventually.js'
import { recordedGateway } from '../support/recorded-gateway.js'

const bounded = { timeout: 20_000 }
const LARGE = 'x'.repeat(200_000)

/** Ways in which an answer comes about, with the body that the upstream sends where it is asked. */
const WAYS: Record<string, { readonly route: Omit<RouteConfig, 'path'>; readonly script?: Script }> = {
  'is forwarded': { route: { pool: 'app' }, script: { body: 'hello' } },
  'is forwarded as a stream': {
    route: { pool: 'app' },
    script: { body: [LARGE, LARGE], framing: 'chunked' }
  },
  'is forwarded until the connection ends': {
    route: { pool: 'app' },
    script: { body: 'hello', framing: 'close' }
  },
  'has no body': { route: { pool: 'app' }, script: { status: 204, body: '' } },
  'is of the route': { route: { respond: { status: 200, body: 'h\u00e9llo' } } },
  'is the gateway’s own': { route: { pool: 'closed' } },
  'is a stream of a handler': {
    route: { handler: (_, reply) => reply.send(Readable.from(['one', 'two', Buffer.from('three')])) }
  },
  'is written by a handler that has taken the reply over': {
    route: {
      handler: (_, reply) => {
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'text/plain' })
        reply.raw.write('h\u00e9')
        reply.raw.write('6c6c', 'hex')
        reply.raw.end('o')
      }
    }
  },
  'is written by a hook that has taken the reply over': {
    route: {
      pool: 'app',
      hooks: {
        onRequest: (_request, reply) => {
          reply.hijack()
          reply.raw.end(LARGE)
        }
      }
    }
  },
  'is replaced by a hook': {
    route: { pool: 'app', hooks: { onSend: async () => 'something longer than that' } },
    script: { body: 'hello' }
  },
  'is a stream in whose place a hook sends text': {
    route: { pool: 'app', hooks: { onSend: async () => 'short' } },
    script: { body: [LARGE], framing: 'chunked' }
  },
  'is replaced by a stream of a hook': {
    route: { pool: 'app', hooks: { onSend: async () => Readable.from([LARGE, 'more']) } },
    script: { body: 'hello' }
  },
  'is lost to a hook that throws': {
    route: {
      pool: 'app',
      hooks: {
        onSend: () => {
          throw new Error('no')
        }
      }
    },
    script: { body: LARGE }
  }
}

for (const [way, { route, script = {} }] of Object.entries(WAYS))
  for (const method of ['GET', 'HEAD'])
    test(
      `bytes sent are those the client gets in every record, where the answer to ${method} ${way}`,
      bounded,
      async (t) => {
        const upstream = await fakeUpstream(t, script)
        const { gateway, port, line, metric } = await recordedGateway(t, {
          logger: false,
          pools: { app: { endpoints: [upstream.url] }, closed: { endpoints: ['http://127.0.0.1:1'] } },
          routes: [{ id: 'all', path: '/*', ...route }]
        } as unknown as GatewayServerConfig)
        const { body } = await rawRequest(
          port,
          `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
        )
        const { bytes_sent, request_id } = await line(1)
        assert.equal(bytes_sent, body.length)
        assert.equal(await metric('proxy_response_size_bytes_sum{route="all"}'), body.length)
        assert.match(gateway.why(request_id), new RegExp(`, ${body.length} bytes sent\\.`))
      }
    )

for (const [what, hooks] of Object.entries({
  'is passed on': {},
  'is buffered by a hook': {
    preHandler: async ({ exchange }: { exchange: { buffer(): Promise<Buffer> } | null }) => {
      await exchange?.buffer()
    }
  }
}))
  test(
    `bytes received are those the upstream gets in every record, where the body ${what}`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const { gateway, port, line, metric } = await recordedGateway(t, {
        pools: { app: { endpoints: [upstream.url] } },
        routes: [{ id: 'all', path: '/*', pool: 'app', hooks }]
      } as unknown as GatewayServerConfig)
      await rawRequest(
        port,
        crlf`POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nhello\n6\n world\n0\n\n`
      )
      const { bytes_received, request_id } = await line(1)
      assert.equal(upstream.requests[0]?.body.length, 11)
      assert.equal(bytes_received, 11)
      assert.equal(await metric('proxy_request_size_bytes_sum{route="all"}'), 11)
      assert.match(gateway.why(request_id), / 11 bytes received/)
    }
  )

test('of a body that is too long to be buffered the bytes received are told too', bounded, async (t) => {
  const { port, line } = await recordedGateway(t, {
    routes: [
      {
        path: '/*',
        handler: async ({ exchange }) => {
          await exchange?.buffer(4)
          return 'never'
        }
      }
    ]
  })
  const { status } = await rawRequest(port, crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 11\n\nhello world`)
  const { bytes_received, reason } = await line(1)
  assert.deepEqual([status, reason, bytes_received], [413, 'body_too_large', 11])
})

test(
  'what is pipelined behind an answer that a client does not wait for was not sent',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    upstream.next(() => {}, { body: 'second' })
    const { port, line, lines, metric, gateway } = await recordedGateway(t, {
      server: { pipelining: 2 },
      pools: { app: { endpoints: [upstream.url] } },
      routes: [{ id: 'all', path: '/*', pool: 'app' }]
    } as unknown as GatewayServerConfig)
    const client = await rawClient(port, { t })
    await client.write(crlf`GET /1 HTTP/1.1\nHost: a\n\nGET /2 HTTP/1.1\nHost: a\n\n`)
    await upstream.request(2)
    const [endpoint] = gateway.app.gateway.pool('app').endpoints
    await eventually(async () => assert.equal(endpoint?.inFlight, 1))
    await setImmediate()
    client.reset()
    await line(2)
    assert.equal(client.received.length, 0)
    for (const { path, status, reason, bytes_sent, request_id } of lines) {
      assert.deepEqual([status, reason, bytes_sent], [499, 'client_closed', 0], path)
      assert.match(gateway.why(request_id), new RegExp(`${path} → 499 client_closed`))
    }
    assert.equal(await metric('proxy_requests_total{route="all",pool="app",status="499"}'), 2)
  }
)
