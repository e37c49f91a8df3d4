import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { startLambda } from '../support/lambda-runtime.js'
import { root } from '../support/workspace.js'

const program = `${root}examples/serverless/dist/lambda.js`

/** An event of a function URL. */
const event = (path: string, more: object = {}) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'abc.lambda-url.eu-west-1.on.aws', 'x-forwarded-for': '203.0.113.9' },
  requestContext: { requestId: 'aws-1', http: { method: 'GET', sourceIp: '203.0.113.9' } },
  isBase64Encoded: false,
  ...more
})

/** A server whose responses a test writes by hand. */
async function httpServer(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    responses: {
      next: async () => (await once(server, 'request'))[1] as ServerResponse
    }
  }
}

/** The head of a streamed response and the bytes behind the zeros. */
function streamed(parts: readonly Buffer[]) {
  const all = Buffer.concat(parts)
  const zeros = all.indexOf(Buffer.alloc(8))
  return {
    head: JSON.parse(all.subarray(0, zeros).toString()) as {
      statusCode: number
      headers: Record<string, string>
      cookies: string[]
    },
    body: all.subarray(zeros + 8).toString()
  }
}

test('the upstream sees what the event says, and the event’s client', async (t) => {
  const upstream = await fakeUpstream(t, {
    body: 'made',
    headers: [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-kind', 'order']
    ]
  })
  const lambda = await startLambda(t, program, { UPSTREAM: upstream.url })
  const { headers, parts } = await lambda.invoke(
    event('/orders/7', {
      rawQueryString: 'a=1,2&b=%20&a=3',
      cookies: ['s=1', 't=2'],
      headers: {
        host: 'api.example.com',
        'x-forwarded-for': '6.6.6.6, 203.0.113.9',
        'x-forwarded-host': 'evil.example',
        'x-request-id': 'forged',
        'content-type': 'application/json'
      },
      body: Buffer.from('{"ü":1}').toString('base64'),
      isBase64Encoded: true,
      requestContext: { requestId: 'aws-1', http: { method: 'POST', sourceIp: '203.0.113.9' } }
    })
  )
  const seen = upstream.requests[0]
  assert.ok(seen)
  assert.deepEqual([seen.method, seen.target], ['POST', '/orders/7?a=1,2&b=%20&a=3'])
  assert.equal(seen.body.toString(), '{"ü":1}')
  assert.deepEqual(seen.headerAll('cookie'), ['s=1; t=2'])
  assert.deepEqual(seen.headerAll('x-request-id'), ['aws-1'])
  assert.deepEqual(seen.headerAll('x-forwarded-host'), ['api.example.com'])
  assert.deepEqual(seen.headerAll('x-forwarded-proto'), ['https'])
  assert.equal(seen.headerAll('user-agent').length, 0)
  const { head, body } = streamed(parts)
  assert.equal(headers['lambda-runtime-function-response-mode'], 'streaming')
  assert.equal(head.statusCode, 200)
  assert.deepEqual(head.cookies, ['a=1', 'b=2'])
  assert.equal(head.headers['x-kind'], 'order')
  assert.equal(head.headers.connection, undefined)
  assert.equal(body, 'made')
  assert.match(lambda.output, /"path":"\/orders\/7".*"client":"203\.0\.113\.9"/)
})

test('events of an upstream arrive piece by piece, also when the head comes long before the first', async (t) => {
  const { url, responses } = await httpServer(t)
  const lambda = await startLambda(t, program, { UPSTREAM: url })
  let text = ''
  let more = (): void => {}
  const has = async (part: string): Promise<void> => {
    while (!text.includes(part))
      await new Promise<void>((resolve) => {
        more = resolve
      })
  }
  const invocation = lambda.invoke(event('/events'), (part) => {
    text += part
    more()
  })
  const response = await responses.next()
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  await has('text/event-stream')
  response.write('data: 1\n\n')
  await has('data: 1')
  response.write('data: 2\n\n')
  await has('data: 2')
  response.end()
  assert.equal(streamed((await invocation).parts).body, 'data: 1\n\ndata: 2\n\n')
})

test('a response without a body has its head', async (t) => {
  const lambda = await startLambda(t, program)
  const { parts } = await lambda.invoke(event('/healthz'))
  assert.deepEqual([streamed(parts).head.statusCode, streamed(parts).body], [204, ''])
})

test('the gateway’s own answers are those of every gateway, for paths that two parsers read differently too', async (t) => {
  const upstream = await fakeUpstream(t)
  const lambda = await startLambda(t, program, { UPSTREAM: upstream.url })
  const refused = streamed((await lambda.invoke(event('/a/%2e%2e%2fadmin'))).parts)
  assert.equal(refused.head.statusCode, 400)
  assert.equal(JSON.parse(refused.body).reason, 'path_rejected')
  assert.equal(upstream.requests.length, 0)
})

test('a response that breaks off is told to Lambda', async (t) => {
  const { url, responses } = await httpServer(t)
  const lambda = await startLambda(t, program, { UPSTREAM: url })
  let begun = (): void => {}
  const half = new Promise<void>((resolve) => {
    begun = resolve
  })
  const invocation = lambda.invoke(event('/half'), (part) => part.includes('half') && begun())
  const response = await responses.next()
  response.writeHead(200, { 'content-length': '100' })
  response.write('half')
  await half
  response.destroy()
  const { trailers } = await invocation
  assert.equal(trailers['lambda-runtime-function-error-type'], 'Error')
})

test('what is configured and cannot run on Lambda is warned of when the function starts', async (t) => {
  const folder = mkdtempSync(`${root}examples/serverless/dist/limited-`)
  t.after(() => rmSync(folder, { recursive: true }))
  const module = join(folder, 'lambda.mjs')
  writeFileSync(
    module,
    `import { createGateway } from '@gatewright/gateway'
    import { lambdaHandler } from '@gatewright/serverless'
    export const handler = lambdaHandler(createGateway({
      trustedProxies: ['127.0.0.1'],
      pools: { app: { endpoints: ['http://127.0.0.1:9'], health: { path: '/up' } } },
      routes: [{ path: '/up', respond: { body: 'up' } }]
    }))`
  )
  const lambda = await startLambda(t, module)
  const { parts } = await lambda.invoke(event('/up'))
  const result = JSON.parse(Buffer.concat(parts).toString())
  assert.deepEqual([result.statusCode, result.body], [200, 'up'])
  assert.match(
    lambda.output,
    /"level":"warn".*"path":"pools\.app\.health".*probes run only while a request is served/
  )
})
