import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gateway } from '@gatewright/gateway'
import { crlf, type FakeUpstream, fakeUpstream, gate, rawClient, rawRequest } from '@gatewright/testing'
import { type FastifyInstance, fastify } from 'fastify'

/** An app that parses JSON, forms and everything else, with the gateway as one of its plugins. */
async function appWith(
  t: TestContext,
  upstream: FakeUpstream,
  addRoutes: (app: FastifyInstance) => void
): Promise<string> {
  const app = fastify()
  t.after(() => app.close())
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: unknown, body: string | Buffer) => Object.fromEntries(new URLSearchParams(String(body)))
  )
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (_: unknown, body: string | Buffer) => body.length
  )
  await app.register(gateway, { pools: { upstream: { endpoints: [upstream.url] } } })
  addRoutes(app)
  return await app.listen({ port: 0, host: '127.0.0.1' })
}

const NATIVE = { config: { gateway: { pool: 'upstream' } } }

const BODIES: readonly (readonly [type: string, body: string])[] = [
  ['application/json', ' { "a" : 1, "a" : 2 } '],
  ['application/json', '{ not JSON'],
  ['application/x-www-form-urlencoded', 'a=1&a=2&b=%zz'],
  ['multipart/form-data; boundary=XX', '--XX\r\n\r\n\x00\r\n--XX--\r\n'],
  ['text/plain', 'caf\xe9'],
  ['image/png', '\x89PNG\x00'],
  ['not a media type', 'x']
]

test("a native route forwards bodies byte for byte, whatever the app's parsers are", async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    app.post('/x', NATIVE, app.gateway.forward)
    app.get('/x', NATIVE, app.gateway.forward)
    app.delete('/x', NATIVE, app.gateway.forward)
  })
  for (const method of ['POST', 'DELETE', 'GET'])
    for (const [type, body] of BODIES) {
      const response = await rawRequest(
        url,
        crlf`${method} /x HTTP/1.1\nHost: a\nContent-Type: ${type}\nContent-Length: ${body.length}\n\n${body}`
      )
      assert.equal(response.status, 200, `${method} ${type}`)
      const seen = await upstream.requests.at(-1)?.finished
      assert.equal(seen?.body.toString('latin1'), body)
      assert.equal(seen?.header('content-type'), type)
      assert.equal(seen?.method, method)
    }
})

test("the app's own routes keep their parsers", async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    app.post('/x', NATIVE, app.gateway.forward)
    app.post('/own', async ({ body }) => ({ body }))
  })
  for (const [type, body, parsed] of [
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/x-www-form-urlencoded', 'a=1&b=2', { a: '1', b: '2' }],
    ['image/png', 'abcd', 4]
  ] as const) {
    const response = await rawRequest(
      url,
      crlf`POST /own HTTP/1.1\nHost: a\nContent-Type: ${type}\nContent-Length: ${body.length}\n\n${body}`
    )
    assert.deepEqual(JSON.parse(response.text), { body: parsed })
  }
  const bad = await rawRequest(
    url,
    crlf`POST /own HTTP/1.1\nHost: a\nContent-Type: application/json\nContent-Length: 1\n\n{`
  )
  assert.equal(bad.status, 400)
  assert.equal(upstream.requests.length, 0)
})

test('a native route in a scope with parsers of its own forwards bodies untouched', async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('text/x', { parseAs: 'string' }, async () => 'parsed')
      scope.post('/x', NATIVE, scope.gateway.forward)
    })
  })
  for (const type of ['text/x', 'application/json'])
    assert.equal(
      (await rawRequest(url, crlf`POST /x HTTP/1.1\nHost: a\nContent-Type: ${type}\nContent-Length: 2\n\n{a`))
        .text,
      'ok'
    )
  assert.equal(String((await upstream.requests[1]?.finished)?.body), '{a')
})

test("hooks of a native route see the request's own headers and method", async (t) => {
  const upstream = await fakeUpstream(t)
  const seen: unknown[] = []
  const url = await appWith(t, upstream, (app) => {
    app.query(
      '/x',
      {
        ...NATIVE,
        preHandler: async ({ method, headers, body, exchange }) => {
          seen.push(method, headers['content-type'], headers['content-length'], body)
          seen.push(await exchange?.json())
        }
      },
      app.gateway.forward
    )
  })
  const response = await rawRequest(
    url,
    crlf`QUERY /x HTTP/1.1\nHost: a\nContent-Type: application/json\nContent-Length: 7\n\n{"a":1}`
  )
  assert.equal(response.status, 200)
  assert.deepEqual(seen, ['QUERY', 'application/json', '7', undefined, { a: 1 }])
  assert.equal(String((await upstream.requests[0]?.finished)?.body), '{"a":1}')
  assert.equal(upstream.requests[0]?.method, 'QUERY')
})

test("a native route's path parameters and query reach the upstream as they came", async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    app.get('/users/:id', NATIVE, app.gateway.forward)
  })
  await rawRequest(url, crlf`GET /users/caf%C3%A9%20x?a=%2f&a HTTP/1.1\nHost: a\n\n`)
  assert.equal(upstream.requests[0]?.target, '/users/caf%C3%A9%20x?a=%2f&a')
})

test('native routes and routes of the app answer pipelined requests in order', async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    app.post('/x', NATIVE, app.gateway.forward)
    app.post('/own', async ({ body }) => body)
  })
  const client = await rawClient(url, { t })
  const post = (path: string) =>
    crlf`POST ${path} HTTP/1.1\nHost: a\nContent-Type: application/json\nContent-Length: 7\n\n{"a":1}`
  await client.write(post('/own') + post('/x') + post('/own'))
  const texts = []
  for (let n = 0; n < 3; n++) texts.push((await client.response()).text)
  assert.deepEqual(texts, ['{"a":1}', 'ok', '{"a":1}'])
  assert.equal(String(upstream.requests[0]?.body), '{"a":1}')
})

test("the app's body limit applies to its own routes, the route's to native ones", async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    app.post('/own', { bodyLimit: 4 }, async () => 'own')
    app.post('/limited', { config: { gateway: { pool: 'upstream', bodyLimit: '4B' } } }, app.gateway.forward)
  })
  const statuses = []
  for (const path of ['/own', '/limited']) {
    const response = await rawRequest(
      url,
      crlf`POST ${path} HTTP/1.1\nHost: a\nContent-Type: text/plain\nContent-Length: 5\n\nhello`
    )
    statuses.push(response.status)
  }
  assert.deepEqual(statuses, [413, 413])
})

test('options of Fastify that could do nothing for a forwarded body stop the start', async (t) => {
  const upstream = await fakeUpstream(t)
  const schema = { body: { type: 'object' } }
  await assert.rejects(
    appWith(t, upstream, (app) => {
      app.get('/a', { ...NATIVE, bodyLimit: 4 }, app.gateway.forward)
      app.get('/b', NATIVE, app.gateway.forward)
      app.post('/b', { ...NATIVE, bodyLimit: 4, schema }, async (request, reply) =>
        app.gateway.forward(request, reply)
      )
      app.post('/own', { bodyLimit: 4, schema }, async () => 'own')
    }),
    ({ message }: Error) => {
      assert.equal(message.match(/\n {2}- /g)?.length, 3)
      assert.match(message, /GET \/a: 'bodyLimit' of Fastify .*'config\.gateway'/)
      assert.match(message, /POST \/b: 'bodyLimit' of Fastify/)
      assert.match(message, /POST \/b: 'schema\.body' of Fastify .*exchange\.json\(\)/)
      return true
    }
  )
})

test('schemas of all but the body are applied to native routes', async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, (app) => {
    const schema = {
      querystring: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } }
    }
    app.post('/x', { ...NATIVE, schema }, app.gateway.forward)
    app.post('/attached', { ...NATIVE, schema, attachValidation: true }, async (request, reply) => {
      reply.header('x-invalid', request.validationError === undefined ? 'no' : 'yes')
      return app.gateway.forward(request, reply)
    })
  })
  const answers = []
  for (const target of ['/x?a=01', '/x', '/attached?a=1', '/attached']) {
    const response = await rawRequest(url, crlf`POST ${target} HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi`)
    answers.push([response.status, response.header('x-invalid')])
  }
  assert.deepEqual(answers, [
    [200, undefined],
    [400, undefined],
    [200, 'no'],
    [200, 'yes']
  ])
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/x?a=01', '/attached?a=1', '/attached']
  )
})

test("Fastify's handlerTimeout answers, and ends the request upstream", { timeout: 20_000 }, async (t) => {
  for (const point of ['waiting', 'queued'] as const) {
    const upstream = await fakeUpstream(t, { after: gate() })
    const lines: string[] = []
    const app = fastify({
      forceCloseConnections: true,
      logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } }
    })
    t.after(() => app.close())
    await app.register(gateway, {
      pools: { upstream: { endpoints: [upstream.url], connections: { max: 1 } } },
      routes: [{ path: '/*', pool: 'upstream' }]
    })
    const reasons: unknown[] = []
    app.gateway.observe({
      closed: ({ status, reason }) => reasons.push([status, reason])
    })
    app.get('/x', { ...NATIVE, handlerTimeout: 400 }, app.gateway.forward)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const blocking = point === 'queued' ? await rawClient(url, { t }) : null
    await blocking?.write(crlf`GET /first HTTP/1.1\nHost: a\n\n`)
    if (blocking !== null) await upstream.request(1)
    const response = await rawRequest(url, crlf`GET /x HTTP/1.1\nHost: a\n\n`)
    assert.equal(response.status, 503)
    assert.equal(JSON.parse(response.text).code, 'FST_ERR_HANDLER_TIMEOUT')
    assert.deepEqual(reasons, [[503, null]])
    if (point === 'waiting') assert.equal(await upstream.requests[0]?.aborted, 'waiting')
    else assert.equal(upstream.requests.length, 1)
    assert.doesNotMatch(lines.join(''), /already sent/)
  }
})
