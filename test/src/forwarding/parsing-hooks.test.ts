import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, pipeline, Readable, Transform } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { createGunzip, gzipSync } from 'node:zlib'
import { type GatewayPluginOptions, gateway } from '@gatewright/gateway'
import { crlf, type FakeUpstream, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { type FastifyInstance, fastify, type preParsingHookHandler } from 'fastify'
import { lastRequest } from '../support/last-request.js'

const bounded = { timeout: 20_000 }

interface Setup {
  /** Hooks of the whole app. */
  readonly hooks?: readonly preParsingHookHandler[]
  readonly more?: Partial<GatewayPluginOptions>
  readonly before?: (app: FastifyInstance) => void
  readonly after?: (app: FastifyInstance) => void
}

/** An app with parsing hooks around the table and around native routes: /table, /native and /async. */
async function appWith(t: TestContext, upstream: FakeUpstream, setup: Setup): Promise<string> {
  const app = fastify({ forceCloseConnections: true })
  t.after(() => app.close())
  setup.before?.(app)
  await app.register(gateway, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream' }],
    ...setup.more
  })
  setup.after?.(app)
  for (const hook of setup.hooks ?? []) app.addHook('preParsing', hook)
  const config = { gateway: { pool: 'upstream' } }
  app.post('/native', { config }, app.gateway.forward)
  app.post('/async', { config }, async (request, reply) => {
    await new Promise((resolve) => setImmediate(resolve))
    return app.gateway.forward(request, reply)
  })
  return await app.listen({ port: 0, host: '127.0.0.1' })
}

const PATHS = ['/table', '/native', '/async']

/** What `@fastify/compress` does with the body of a request. */
const decompress: preParsingHookHandler = (request, _reply, payload, done) => {
  if (request.headers['content-encoding'] !== 'gzip') {
    done(null, payload)
    return
  }
  const gunzip = Object.assign(createGunzip(), { receivedEncodedLength: 0 })
  gunzip.on('error', (error) => Object.assign(error, { statusCode: 400, code: 'FST_CP_ERR_INVALID_CONTENT' }))
  gunzip.pause()
  payload.on('data', (chunk: Buffer) => {
    gunzip.receivedEncodedLength += chunk.length
  })
  pipeline(payload, gunzip, () => {})
  done(null, gunzip)
}

const through: preParsingHookHandler = async (_request, _reply, payload) => payload.pipe(new PassThrough())

const upperCase: preParsingHookHandler = async (_request, _reply, payload) =>
  payload.pipe(
    new Transform({
      transform: (chunk, _encoding, done) => done(null, `${String(chunk).toUpperCase()}!`)
    })
  )

function chunked(body: Buffer, piece = 1_000): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += piece) {
    const part = body.subarray(at, at + piece)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** Both framings of a body. */
function framings(body: Buffer): readonly Buffer[] {
  return [
    Buffer.concat([Buffer.from(`content-length: ${body.length}\r\n\r\n`), body]),
    Buffer.concat([Buffer.from('transfer-encoding: chunked\r\n\r\n'), chunked(body)])
  ]
}

async function post(url: string, path: string, fields: string, framed: Buffer) {
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}`
  return await rawRequest(url, Buffer.concat([Buffer.from(head), framed]))
}

for (const size of [0, 5, 60_000, 300_113])
  test(
    `a compressed body of ${size} bytes that a hook decodes arrives whole and without its coding`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const url = await appWith(t, upstream, { hooks: [decompress] })
      const plain = randomBytes(size)
      for (const path of PATHS)
        for (const framed of framings(gzipSync(plain))) {
          const response = await post(url, path, 'Content-Encoding: gzip\r\nContent-Type: text/x\r\n', framed)
          assert.equal(response.status, 200, path)
          const seen = await lastRequest(upstream)
          assert.ok(seen.body.equals(plain), `${path}: ${seen.body.length}`)
          assert.deepEqual(seen.headerAll('content-encoding'), [])
          assert.equal(seen.framing, seen.header('content-length') === '0' ? 'sized' : 'chunked')
          assert.equal(seen.header('content-type'), 'text/x')
        }
    }
  )

test('a body that a hook passes on in a stream of its own arrives whole', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, { hooks: [through, through] })
  const body = randomBytes(300_113)
  for (const path of PATHS)
    for (const framed of framings(body)) {
      assert.equal((await post(url, path, 'Content-Encoding: x\r\n', framed)).status, 200)
      const seen = await lastRequest(upstream)
      assert.ok(seen.body.equals(body), `${path}: ${seen.body.length}`)
      assert.equal(seen.header('content-encoding'), 'x')
    }
})

test('a body that a hook changes is forwarded as changed', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, { hooks: [upperCase] })
  for (const path of PATHS)
    for (const framed of framings(Buffer.from('hello'))) {
      assert.equal((await post(url, path, '', framed)).status, 200)
      assert.equal(String((await lastRequest(upstream)).body), 'HELLO!')
    }
})

test('a hook of the route changes the body after those of the app', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, {
    hooks: [upperCase],
    after: (app) =>
      app.post(
        '/own',
        {
          config: { gateway: { pool: 'upstream' } },
          preParsing: async (_request, _reply, payload) =>
            Readable.from(
              (async function* () {
                for await (const chunk of payload) yield `<${chunk}>`
              })()
            )
        },
        app.gateway.forward
      )
  })
  assert.equal((await post(url, '/own', '', framings(Buffer.from('a'))[0] as Buffer)).status, 200)
  assert.equal(String((await lastRequest(upstream)).body), '<A!>')
})

for (const wrong of [{ not: 'a stream' }, 'text', Readable.from([{ not: 'bytes' }]), Readable.from([7])])
  test(
    `what a hook returns in place of a body must be a stream of bytes: ${wrong instanceof Readable ? 'objects' : typeof wrong}`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const url = await appWith(t, upstream, { hooks: [async () => wrong as never] })
      for (const path of ['/table', '/native']) {
        const response = await post(url, path, '', framings(Buffer.from('hello'))[0] as Buffer)
        assert.deepEqual([response.status, JSON.parse(response.text).reason], [500, 'internal_error'])
      }
    }
  )

test('a body changed by a parsing hook is what a later hook buffers', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const read: string[] = []
  const url = await appWith(t, upstream, {
    hooks: [decompress],
    more: { hooks: { preHandler: async ({ exchange }) => void read.push(String(await exchange?.buffer())) } }
  })
  assert.equal(
    (await post(url, '/table', 'Content-Encoding: gzip\r\n', framings(gzipSync('plain'))[1] as Buffer))
      .status,
    200
  )
  const seen = await lastRequest(upstream)
  assert.deepEqual(read, ['plain'])
  assert.equal(String(seen.body), 'plain')
  assert.deepEqual(seen.headerAll('content-length'), ['5'])
  assert.deepEqual(seen.headerAll('content-encoding'), [])
})

test('the limit of a body counts what a hook makes of it', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, {
    hooks: [decompress],
    more: { routes: [{ path: '/*', pool: 'upstream', bodyLimit: '10KiB' }] }
  })
  for (const framed of framings(gzipSync(Buffer.alloc(10_000_000))))
    assert.equal((await post(url, '/table', 'Content-Encoding: gzip\r\n', framed)).status, 413)
  for (const request of upstream.requests) assert.equal(await whole(request), false)
})

async function whole(request: FakeUpstream['requests'][number]): Promise<boolean> {
  return await request.finished.then(
    () => true,
    () => false
  )
}

test('a body that a hook cannot decode is 400, and no upstream takes it for whole', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, { hooks: [decompress] })
  const sound = gzipSync(randomBytes(100_000))
  for (const broken of [
    Buffer.from('no gzip'),
    sound.subarray(0, -20),
    Buffer.concat([sound.subarray(0, 50_000), Buffer.alloc(100)])
  ])
    for (const path of PATHS)
      for (const framed of framings(broken)) {
        const response = await post(url, path, 'Content-Encoding: gzip\r\n', framed)
        assert.equal(response.status, 400, path)
        assert.equal(JSON.parse(response.text).reason, 'request_rejected')
      }
  for (const request of upstream.requests) assert.equal(await whole(request), false)
  assert.equal(
    (await post(url, '/table', 'Content-Encoding: gzip\r\n', framings(sound)[0] as Buffer)).status,
    200
  )
})

test('the stream of a hook that fails is 500, and no upstream takes it for whole', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, {
    hooks: [
      async () =>
        Readable.from(
          (async function* () {
            yield 'begun'
            throw new Error('broken')
          })()
        )
    ]
  })
  for (const path of PATHS) {
    const response = await post(url, path, '', framings(Buffer.from('hello'))[0] as Buffer)
    assert.deepEqual([response.status, JSON.parse(response.text).reason], [500, 'internal_error'])
  }
  for (const request of upstream.requests) assert.equal(await whole(request), false)
})

const EATERS: Record<string, (payload: Readable) => unknown> = {
  'pipes it elsewhere': (payload) => void payload.pipe(new PassThrough()),
  'listens to its data': (payload) => void payload.on('data', () => {}),
  'throws it away': (payload) => void payload.resume(),
  'reads it to its end': async (payload) => {
    for await (const _ of payload);
  },
  'reads a part of it': async (payload) => {
    if (payload.readableLength === 0) await once(payload, 'readable')
    payload.read(2)
    payload.removeAllListeners('readable')
    payload.pause()
  },
  'waits to read it': (payload) => void payload.on('readable', () => {}),
  'pipes what another hook made elsewhere': (payload) => {
    const made = payload.pipe(new PassThrough())
    made.pipe(new PassThrough())
    return made
  }
}

for (const [what, eat] of Object.entries(EATERS))
  test(`a body is refused rather than forwarded in part when a hook ${what}`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const url = await appWith(t, upstream, {
      hooks: [async (_request, _reply, payload) => (await eat(payload as Readable)) as never]
    })
    for (const path of PATHS)
      for (const framed of framings(randomBytes(70_000))) {
        const response = await post(url, path, '', framed)
        assert.equal(response.status, 500, path)
        assert.equal(JSON.parse(response.text).reason, 'internal_error')
      }
    assert.equal(upstream.requests.length, 0)
    // Without a body there is nothing to lose.
    assert.equal(
      (await rawRequest(url, crlf`POST /native HTTP/1.1\nHost: a\nContent-Length: 0\n\n`)).status,
      200
    )
  })

test('a body that a hook has failed to buffer is not forwarded without its beginning', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, {
    more: { hooks: { preHandler: async ({ exchange }) => void (await exchange?.buffer(10).catch(() => {})) } }
  })
  for (const framed of framings(randomBytes(70_000)))
    assert.equal((await post(url, '/table', '', framed)).status, 500)
  assert.equal(upstream.requests.length, 0)
})

test(
  'a client that leaves within a body that a hook passes on leaves the upstream with a part',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const url = await appWith(t, upstream, {
      hooks: [
        async (_request, _reply, payload) => {
          const made = new PassThrough()
          // As hooks do that want no stream to be left open.
          payload.on('data', (chunk) => made.write(chunk)).on('close', () => made.end())
          return made
        }
      ]
    })
    for (const [index, path] of PATHS.entries()) {
      const client = await rawClient(url, { t })
      await client.write(crlf`POST ${path} HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nhello\n`)
      const request = await upstream.request(index + 1)
      client.close()
      assert.equal(await whole(request), false)
    }
  }
)

test('a connection is used again after a body that a hook decoded', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await appWith(t, upstream, { hooks: [decompress] })
  const client = await rawClient(url, { t })
  const [sized, pieces] = framings(gzipSync(randomBytes(50_000))) as [Buffer, Buffer]
  for (const framed of [sized, pieces, sized]) {
    await client.write(
      Buffer.concat([Buffer.from('POST /native HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n'), framed])
    )
    assert.equal((await client.response()).status, 200)
  }
  const bodies = await Promise.all(
    upstream.requests.map(async ({ finished }) => (await finished).body.length)
  )
  assert.deepEqual(bodies, [50_000, 50_000, 50_000])
})
