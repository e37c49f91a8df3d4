import assert from 'node:assert/strict'
import test from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { lambdaHandler, streamingLambdaHandler } from './handler.js'

test('an event is answered with the response as a whole', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const gateway = createGateway({ trustedProxies: ['127.0.0.1'], logger: false, accessLog: false }).route(
    '/*',
    upstream.url
  )
  t.after(() => gateway.close())
  const handler = lambdaHandler(gateway)
  const result = await handler({
    version: '2.0',
    rawPath: '/a',
    headers: { host: 'api.example.com' },
    requestContext: { http: { method: 'POST', sourceIp: '203.0.113.9' } }
  })
  assert.deepEqual([result.statusCode, Buffer.from(result.body, 'base64').toString()], [200, 'hello'])
  assert.equal(upstream.requests[0]?.method, 'POST')
  assert.deepEqual(upstream.requests[0]?.headerAll('x-forwarded-for'), ['203.0.113.9, 127.0.0.1'])
})

test('a gateway that does not trust its own handler is refused', () => {
  assert.throws(() => lambdaHandler(createGateway({ logger: false })), /trustedProxies/)
})

test('a configuration with problems rejects every invocation, and none of them outside', async () => {
  const broken = createGateway({
    trustedProxies: ['127.0.0.1'],
    logger: false,
    routes: [{ path: '/*', pool: 'no' as never }]
  })
  const handler = lambdaHandler(broken)
  for (let n = 0; n < 2; n++)
    await assert.rejects(async () => await handler({}), { code: 'GW_CONFIG_INVALID' })
})

test('a streaming handler is for Lambda alone', () => {
  const gateway = createGateway({ trustedProxies: ['127.0.0.1'], logger: false })
  assert.throws(() => streamingLambdaHandler(gateway), /awslambda/)
})
