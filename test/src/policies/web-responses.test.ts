import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'

/** A gateway with a native route that answers with what a handler of the Fetch standard returns. */
async function answering(t: TestContext, config: GatewayServerConfig, answer: () => unknown) {
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    pools: { a: { endpoints: ['http://127.0.0.1:1'] } },
    ...config
  } as GatewayServerConfig)
  t.after(() => gateway.close())
  gateway.register(async (app) => {
    app.get('/native', { config: { gateway: { pool: 'a' } } }, async () => answer())
  })
  await gateway.ready()
  return (headers: Record<string, string> = {}) => gateway.inject({ url: '/native', headers })
}

const MASKING = { transform: { response: { json: [{ remove: ['/secret'] }] } } } as const
const JSON_TYPE = { 'content-type': 'application/json' }

test('a Response of the Fetch standard is changed like any other: its JSON, its events, its status, its cookies once', async (t) => {
  const headers = new Headers({ ...JSON_TYPE, etag: '"a"' })
  headers.append('set-cookie', 'a=1')
  headers.append('set-cookie', 'b=2')
  const ask = await answering(t, MASKING, () => new Response('{"secret":1,"a":2}', { status: 201, headers }))
  const { statusCode, body, headers: got } = await ask()
  assert.deepEqual([statusCode, body, got.etag, got['set-cookie']], [201, '{"a":2}', 'W/"a"', ['a=1', 'b=2']])
  const events = await answering(t, MASKING, () => {
    const stream = new ReadableStream({
      start(controller) {
        for (const piece of ['data: {"secret":1,', '"a":2}\n\n']) controller.enqueue(Buffer.from(piece))
        controller.close()
      }
    })
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
  })
  assert.equal((await events()).body, 'data: {"a":2}\n\n')
})

test('a Response without a body, or with one that is used, is as without steps', async (t) => {
  const empty = await answering(
    t,
    MASKING,
    () => new Response(null, { status: 204, headers: { 'set-cookie': 'a=1' } })
  )
  const { statusCode, body, headers } = await empty()
  assert.deepEqual([statusCode, body, headers['set-cookie']], [204, '', 'a=1'])
  const used = await answering(t, MASKING, async () => {
    const response = new Response('{}', { headers: JSON_TYPE })
    await response.text()
    return response
  })
  assert.equal((await used()).statusCode, 500)
})

test('what steps set of a Response holds: CORS, security headers, compression, validation', async (t) => {
  const text = JSON.stringify({ text: 'x'.repeat(5_000) })
  const headers = { ...JSON_TYPE, 'access-control-allow-origin': '*', 'x-powered-by': 'Me' }
  const ask = await answering(
    t,
    {
      cors: { origins: ['https://shop.example'] },
      compression: true,
      securityHeaders: { remove: ['x-powered-by'] }
    },
    () => new Response(text, { headers })
  )
  const answer = await ask({ origin: 'https://shop.example', 'accept-encoding': 'gzip' })
  assert.equal(String(zlib.gunzipSync(answer.rawPayload)), text)
  assert.equal(answer.headers['access-control-allow-origin'], 'https://shop.example')
  assert.equal(answer.headers['x-powered-by'], undefined)
  assert.equal(
    (await ask({ origin: 'https://other.example' })).headers['access-control-allow-origin'],
    undefined
  )
})
