import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTarget } from '@gatewright/core'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type Field, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import fc from 'fast-check'
import { mutated } from '../support/mutated.js'
import { obligingPath } from '../support/path-spellings.js'
import { startGateway } from '../support/start-gateway.js'

const LIMIT = { timeout: 120_000 }

const lower = ([name]: Field): string => name.toLowerCase()

/** A name in some mixture of cases. */
function spelled(names: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.mixedCase(names.map((name) => name.toLowerCase()))
}

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-.!#$&+^`|~'), minLength: 1, maxLength: 6 })
const text = fc
  .string({ unit: fc.constantFrom(...'ab Z0,;="\\()<>@:/?{}\t\x80\xe9\xff'), maxLength: 12 })
  .map((value) => value.trim())

const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'upgrade',
  'http2-settings'
]
const FORWARDING: readonly string[] = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'forwarded',
  'x-real-ip',
  'x-request-id'
]
const RESERVED: readonly string[] = ['x-user', 'x-roles']
const END_TO_END: readonly string[] = [
  'accept',
  'authorization',
  'cookie',
  'content-type',
  'origin',
  'referer',
  'user-agent',
  'x-a',
  'x-b'
]

const dropped = (name: string): boolean =>
  HOP_BY_HOP.includes(name) || FORWARDING.includes(name) || RESERVED.includes(name)

/** What a client may not nominate, since it must arrive or is not its to name. */
const kept = (name: string): boolean =>
  FORWARDING.includes(name) ||
  RESERVED.includes(name) ||
  ['authorization', 'cookie', 'origin', 'referer', 'host', 'via', 'transfer-encoding'].includes(name) ||
  name.startsWith('content-')

const anyName = fc.oneof(
  spelled(fc.constantFrom(...END_TO_END)),
  spelled(fc.constantFrom(...FORWARDING, ...RESERVED)),
  spelled(fc.constantFrom(...HOP_BY_HOP.filter((name) => name !== 'connection'))),
  token.map((name) => `x-${name}`)
)

const nomination = fc
  .array(
    fc.oneof(
      {
        arbitrary: spelled(fc.constantFrom('close', 'keep-alive', 'x-a', 'x-b', 'te', 'accept', '', 'x-c')),
        weight: 8
      },
      {
        arbitrary: spelled(fc.constantFrom('x-user', 'cookie', 'content-type', 'x-forwarded-for', 'host')),
        weight: 1
      },
      { arbitrary: token.map((name) => `x-${name}`), weight: 2 }
    ),
    { maxLength: 4 }
  )
  .chain((names) => fc.constantFrom(', ', ',', ' , ', ',\t').map((comma) => names.join(comma)))

const requestField: fc.Arbitrary<Field> = fc.oneof(
  { arbitrary: fc.tuple(anyName, text), weight: 6 },
  { arbitrary: fc.tuple(spelled(fc.constant('connection')), nomination), weight: 1 },
  {
    arbitrary: fc.tuple(
      spelled(fc.constant('te')),
      fc.constantFrom('trailers', 'gzip', 'Trailers;q=1, gzip')
    ),
    weight: 1
  }
)

function nominated(fields: readonly Field[]): string[] {
  return fields
    .filter((field) => lower(field) === 'connection')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
}

test(
  'of any list of request headers the upstream gets the end-to-end ones, and what the gateway itself says',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url, { reservedHeaders: [...RESERVED] })
    const refused = { count: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(requestField, { maxLength: 12 }), async (fields) => {
        const before = upstream.requests.length
        const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
        const response = await rawRequest(port, `GET / HTTP/1.1\r\nHost: Client.test\r\n${lines}\r\n`)
        const names = nominated(fields)
        const types = fields.filter((field) => lower(field) === 'content-type')
        if (names.some(kept) || types.length > 1) {
          refused.count++
          assert.equal(response.status, 400)
          assert.equal(upstream.requests.length, before)
          return
        }
        assert.equal(response.status, 200)
        const trailers = fields.some((field) => lower(field) === 'te' && /trailers/i.test(field[1]))
        const expected: Field[] = [
          ...fields.filter((field) => !dropped(lower(field)) && !names.includes(lower(field))),
          ['host', upstream.host],
          ...(trailers ? [['te', 'trailers'] as const] : []),
          ['x-request-id', response.header('x-request-id') as string],
          ['x-forwarded-for', '127.0.0.1'],
          ['x-forwarded-proto', 'http'],
          ['x-forwarded-host', 'Client.test'],
          ['x-forwarded-port', String(port)]
        ]
        const seen = upstream.requests.at(-1)?.headers ?? []
        const own = seen.filter((field) => lower(field) === 'connection')
        assert.deepEqual(
          own.map(([, value]) => value),
          ['keep-alive']
        )
        // The transport writes Host where it likes.
        const rest = (list: readonly Field[]): Field[] =>
          list.filter((field) => !['connection', 'host'].includes(lower(field)))
        assert.deepEqual(rest(seen), rest(expected))
        assert.deepEqual(upstream.requests.at(-1)?.headerAll('host'), [upstream.host])
      }),
      { numRuns: 1_000, includeErrorInReport: true }
    )
    assert.ok(refused.count > 10 && refused.count < 900)
  }
)

// It means nothing in a response.
const RESPONSE_HOPS = HOP_BY_HOP.filter((name) => name !== 'proxy-authorization')

const responseField: fc.Arbitrary<Field> = fc.oneof(
  {
    arbitrary: fc.tuple(
      spelled(fc.constantFrom('set-cookie', 'vary', 'content-type', 'location', 'server', 'x-a')),
      text
    ),
    weight: 4
  },
  {
    arbitrary: fc.tuple(
      spelled(fc.constantFrom(...HOP_BY_HOP.filter((name) => name !== 'connection'), 'x-request-id')),
      text
    ),
    weight: 2
  },
  {
    arbitrary: fc.tuple(
      token.map((name) => `x-${name}`),
      text
    ),
    weight: 2
  },
  { arbitrary: fc.tuple(spelled(fc.constant('connection')), nomination), weight: 1 }
)

/** What random lists rarely come to: two types that Fastify cannot read together, and a small body below bytes. */
const ODD_ANSWERS: [Field[]][] = [
  [[['content-type', 'a']]],
  [['a', ';'].map((type) => ['content-type', type] as const)],
  [['a', '/'].map((type) => ['content-type', type] as const)],
  [Object.entries({ 'content-type': 'text/plain', 'x-a': '\xff' })]
]

/** Values by name in lower case; the order of names does not matter, that of values does. */
function byName(fields: readonly Field[]): Record<string, string[]> {
  const all: Record<string, string[]> = Object.create(null)
  for (const field of fields) all[lower(field)] = [...(all[lower(field)] ?? []), field[1]]
  return all
}

test(
  'of any list of response headers the client gets the end-to-end ones and its request id',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    await fc.assert(
      fc.asyncProperty(fc.array(responseField, { maxLength: 12 }), async (fields) => {
        upstream.next({ headers: fields, body: 'body' })
        const response = await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        assert.equal(response.text, 'body')
        const names = nominated(fields)
        const { 'x-request-id': id, date, connection, 'keep-alive': _, ...rest } = byName(response.headers)
        const expected = byName(
          fields.filter((field) => !RESPONSE_HOPS.includes(lower(field)) && !names.includes(lower(field)))
        )
        delete expected['x-request-id']
        const types = expected['content-type']
        if (types !== undefined) expected['content-type'] = [types.join(', ').trim()]
        assert.deepEqual({ ...rest }, { ...expected, 'content-length': ['4'] })
        assert.deepEqual(id, upstream.requests.at(-1)?.headerAll('x-request-id'))
        assert.deepEqual(connection ?? ['keep-alive'], ['keep-alive'])
        assert.equal(date?.length, 1)
      }),
      { numRuns: 1_000, includeErrorInReport: true, examples: ODD_ANSWERS }
    )
  }
)

const piece = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      '/',
      '//',
      '/.',
      '/..',
      '/../',
      '\\',
      ';',
      'a',
      'B',
      '~',
      '*',
      '"',
      '|',
      'in',
      'out'
    ),
    weight: 8
  },
  {
    arbitrary: fc.constantFrom(
      '%2e',
      '%2E',
      '%2f',
      '%5C',
      '%252e',
      '%25252f',
      '%41',
      '%c3%a9',
      '%C0%AE',
      '%3b',
      '%3F'
    ),
    weight: 5
  },
  {
    arbitrary: fc.constantFrom(
      '%',
      '%0',
      '%00',
      '%0a',
      '\xe9',
      '\xc3\xa9',
      '#',
      '\x7f',
      '\t',
      '?',
      '?x=/../y'
    ),
    weight: 1
  }
)
const anyTarget = fc.array(piece, { maxLength: 10 }).map((pieces) => `/in/${pieces.join('')}`)

for (const policy of ['reject', 'redirect', 'normalize'] as const)
  test(
    `of any target the upstream gets what was read, below its base path, with the path policy '${policy}'`,
    LIMIT,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const paths = { policy, encodedSlashes: 'reject', duplicateSlashes: 'reject' } as const
      const { port } = await startGateway(t, {
        paths,
        pools: { upstream: { endpoints: [`${upstream.url}/base`] } },
        routes: [
          { path: '/in/*', pool: 'upstream', rewrite: { stripPrefix: '/in', addPrefix: '/out' } },
          { path: '/*', respond: { status: 204 } }
        ]
      })
      let forwarded = 0
      await fc.assert(
        fc.asyncProperty(anyTarget, async (target) => {
          const before = upstream.requests.length
          const client = await rawClient(port)
          await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
          const { status } = await client.response()
          await client.closed
          const read = readTarget(target, paths, 'GET')
          const toUpstream = read.kind === 'ok' && /^\/in(?:\/|$)/.test(read.path)
          if (!toUpstream || status === 400) {
            assert.equal(upstream.requests.length, before)
            assert.equal(
              status,
              read.kind === 'ok' && status !== 400
                ? 204
                : read.kind === 'redirect' && status !== 400
                  ? 308
                  : 400
            )
            return
          }
          forwarded++
          assert.equal(status, 200)
          const seen = upstream.requests.at(-1)?.target ?? ''
          assert.equal(seen, `/base/out${read.path.slice('/in'.length) || '/'}${read.query}`)
          assert.match(obligingPath(seen), /^\/base\/out(?:\/|$)/)
        }),
        { numRuns: 1_500, includeErrorInReport: true }
      )
      assert.ok(forwarded > 100, String(forwarded))
    }
  )

/** A configuration that says something about everything. */
const WHOLE: GatewayServerConfig = {
  pools: {
    users: {
      endpoints: ['http://127.0.0.1:1', { url: 'http://127.0.0.1:2/base?x=y', weight: 3 }],
      balancing: 'round-robin',
      timeouts: {
        connect: '1s',
        tlsHandshake: '1s',
        firstByte: '1.5s',
        idle: '1m',
        requestIdle: '1m',
        total: '1h'
      },
      connections: { max: 10, keepAlive: '4s', maxQueue: 5, queueTimeout: '1s', maxRequests: 100 }
    },
    secure: {
      endpoints: ['https://127.0.0.1:3'],
      balancing: { type: 'p2c' },
      tls: { servername: 'a.test', minVersion: 'TLSv1.3', insecureBecause: 'a laboratory' }
    }
  },
  policies: {
    short: { timeout: '1s', bodyLimit: '1KiB', preserveHost: true },
    moved: {
      pool: 'users',
      rewrite: { stripPrefix: true, addPrefix: '/v2' },
      hooks: { onSend: async () => {} }
    }
  },
  routes: [
    {
      id: 'one',
      path: '/a/:id',
      host: ['a.test', '*.b.test'],
      methods: ['GET', 'POST'],
      pool: 'users',
      use: ['short']
    },
    {
      path: '/b/*',
      use: ['moved'],
      headers: { 'x-a': { prefix: 'b', not: true } },
      query: { c: 'd', e: { exists: true } }
    },
    {
      path: '~^/v[0-9]+/',
      pool: 'secure',
      rewrite: { regex: { pattern: '^/v([0-9]+)/', replacement: '/x/$1/' } }
    },
    { path: '/c', redirect: { scheme: 'https', host: 'c.test', port: 8443, path: '/d', status: 308 } },
    {
      path: '/d',
      priority: 1,
      caseSensitive: false,
      trailingSlash: 'ignore',
      respond: { status: 201, headers: { e: 'f' }, body: 'g' }
    },
    { path: '/e', handler: () => 'e', hooks: { onRequest: [async () => {}] } }
  ],
  hooks: { onResponse: async () => {} },
  paths: { policy: 'normalize', encodedSlashes: 'keep', duplicateSlashes: 'keep' },
  trustedProxies: ['10.0.0.0/8', '::1'],
  forwarded: 'both',
  via: 'gw',
  requestIdHeader: 'x-id',
  reservedHeaders: ['x-user'],
  underscores: 'drop',
  maxHeaders: 50,
  maxUrlSize: '4KiB',
  reasonHeader: true,
  server: {
    headersTimeout: '10s',
    requestTimeout: '1m',
    keepAliveTimeout: '1m',
    maxHeaderSize: '8KiB',
    maxRequestsPerSocket: 5
  },
  shutdown: { wait: '0ms', drain: '0ms', signals: false },
  probes: false
}

test(
  'any change to a valid configuration is compiled, or refused with a list of problems',
  LIMIT,
  async () => {
    const outcomes = { compiled: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(mutated(WHOLE), async (config) => {
        const gateway = createGateway({ ...config, logger: false, accessLog: false })
        try {
          await gateway.ready()
          outcomes.compiled++
        } catch (error) {
          outcomes.refused++
          const { code, message } = error as { code: string; message: string }
          assert.equal(code, 'GW_CONFIG_INVALID', String((error as Error).stack))
          const [title, ...problems] = message.split('\n')
          assert.match(title ?? '', /not valid/)
          assert.ok(problems.length > 0)
          for (const problem of problems) assert.match(problem, /^ {2}- \S.*\S$/s)
        } finally {
          await gateway.close()
        }
      }),
      { numRuns: 1_000, includeErrorInReport: true }
    )
    assert.ok(outcomes.compiled > 20 && outcomes.refused > 200, JSON.stringify(outcomes))
  }
)
